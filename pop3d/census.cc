// How many clients there are, counted by all fronts together.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/census.h"

#include <sys/mman.h>

#include <functional>
#include <new>

namespace pop3d {

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);  // else it could not be shared

Census* Census::make() {
  void* memory = ::mmap(nullptr, sizeof(Census), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) Census;
}

std::atomic<std::uint32_t>& Census::slot(std::string_view network) {
  return networks_[std::hash<std::string_view>()(network) % kSlots];
}

Census::Answer Census::admit(std::string_view network, unsigned most, unsigned most_of_network) {
  auto& of_network = slot(network);
  const bool too_many = all_.fetch_add(1) >= most;
  const bool too_many_of_network = of_network.fetch_add(1) >= most_of_network;
  if (!too_many && !too_many_of_network) return Answer::Welcome;
  leave(network);
  return too_many ? Answer::TooMany : Answer::TooManyOfNetwork;
}

void Census::leave(std::string_view network) {
  all_.fetch_sub(1);
  slot(network).fetch_sub(1);
}

}  // namespace pop3d
