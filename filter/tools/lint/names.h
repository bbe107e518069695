// Names of variables that procmail itself sets or obeys (procmailrc(5), ENVIRONMENT).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace filter::tools::lint {

bool is_known_variable(std::string_view name);

}  // namespace filter::tools::lint
