// What `sluice check` finds in rule files, and the language server shows while they are written.
// SPDX-License-Identifier: Apache-2.0
//
//   RuleFiles files(home);
//   auto added = files.add("/home/anna/.procmailrc");
//   find_all(files);                            // each file's compiled.diagnostics now has the checks' too, in order
#pragma once

#include "filter/tools/rule_files.h"

namespace filter::tools {

// Looks at the files' owners and rights on the disk, too, and whether folders are directories.
void find_all(RuleFiles& files);

}  // namespace filter::tools
