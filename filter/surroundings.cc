// Asks the system for its name and the process's environment.
// SPDX-License-Identifier: Apache-2.0
#include "filter/surroundings.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <string_view>

namespace filter {

std::string host_name() {
  utsname names{};
  return uname(&names) == 0 ? names.nodename : "localhost";
}

std::vector<std::string> kept_environment(bool all) {
  std::vector<std::string> out;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    if (all || std::string_view(*variable).starts_with("TZ=")) out.emplace_back(*variable);
  return out;
}

}  // namespace filter
