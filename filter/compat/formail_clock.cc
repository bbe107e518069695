// The date, and new ids, for what formail writes into headers.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_clock.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <ctime>

namespace filter::compat {
namespace {

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  char text[64];
  ::localtime_r(&now, &parts);
  return std::string(text, std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &parts));
}

// Unique on this host as long as its clock does not go back: time to the nanosecond, process, message.
std::string new_message_id(long index) {
  std::timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  utsname host = {};
  ::uname(&host);
  return "<" + std::to_string(now.tv_sec) + "." + std::to_string(now.tv_nsec) + "." + std::to_string(::getpid()) + "." +
         std::to_string(index) + "@" + host.nodename + ">";
}

}  // namespace

EditClock read_clock(long index) { return {now_text(), new_message_id(index)}; }

}  // namespace filter::compat
