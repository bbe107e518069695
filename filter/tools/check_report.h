// What `sluice check` found, in its three forms.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "filter/tools/rule_files.h"

namespace filter::tools {

// For people: file:line:column, what is wrong, the line, a caret.
std::string as_text(const std::vector<RuleFile>& files, bool colours);
// CONTRACT.md 2: {"diagnostics":[{"file","line","column","severity","check","message"}]}
std::string as_json(const std::vector<RuleFile>& files);
// SARIF 2.1.0, for code hosts and editors. Columns count characters.
std::string as_sarif(const std::vector<RuleFile>& files);

}  // namespace filter::tools
