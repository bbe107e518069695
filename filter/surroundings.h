// What a process finds around it that the variables of a run start from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace filter {

std::string host_name();                               // uname(2)'s nodename
std::vector<std::string> kept_environment(bool all);   // NAME=value: TZ alone, or with -p everything

}  // namespace filter
