// How many clients there are, in all and from each network: counted by all fronts together, in memory that they share.
// SPDX-License-Identifier: Apache-2.0
//
//   auto census = Census::make();                 // before the fronts are forked
//   switch (census->admit("192.0.2.7", 10000, 50)) …
//   census->leave("192.0.2.7");
//
// The fronts' other counters are here, too. A network is known by a hash only: two that share a slot count together,
// one time in 65,536.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "pop3d/metrics.h"

namespace pop3d {

class Census {
 public:
  enum class Answer { Welcome, TooMany, TooManyOfNetwork };

  // Lives as long as the last process that has it; null where memory is out.
  static Census* make();
  Answer admit(std::string_view network, unsigned most, unsigned most_of_network);
  void leave(std::string_view network);

  Counters counters;

 private:
  static constexpr std::size_t kSlots = 1u << 16;
  std::atomic<std::uint32_t>& slot(std::string_view network);
  std::atomic<std::uint32_t> all_{0};
  std::array<std::atomic<std::uint32_t>, kSlots> networks_{};
};

}  // namespace pop3d
