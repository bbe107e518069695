// A recipe's conditions in words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "filter/tools/known_values.h"
#include "rules/ast.h"
#include "rules/head.h"

namespace filter::tools {

// "messages whose Subject contains x and that are larger than 100 bytes, ignoring case"; "all messages".
std::string which_messages(const rules::Recipe& recipe, const rules::Head& head, const KnownValues& known);

}  // namespace filter::tools
