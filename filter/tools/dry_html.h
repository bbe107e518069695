// The dry-run as one page that can be looked at: data between a fixed style and a fixed script (page/).
// SPDX-License-Identifier: Apache-2.0
//
//   out(page_begin());  for each message: out(first ? "" : ",\n"), out(page_row(message, traced));
//   out(page_end(rules_name, rules));
//
// Nothing is fetched, nothing from mail becomes markup: all data is JSON in a script element that is not run, in which
// no
// '<' stands, and the script makes text nodes of it. The page is written as the messages come; nothing is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "filter/tools/dry_message.h"
#include "filter/tools/dry_rules.h"

namespace filter::tools {

extern const std::string_view kPageStyle;
extern const std::string_view kPageBody;
extern const std::string_view kPageScript;

// JSON for a script element: '<' and what old browsers take for line ends are \u escapes.
std::string for_script(std::string_view json);

std::string page_begin();
std::string page_row(const DecidedMessage& message, bool traced);
std::string page_end(const std::string& rules_name, const std::vector<ListedRules>& rules);

}  // namespace filter::tools
