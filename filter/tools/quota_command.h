// `sluice quota`: what an account keeps, and what it may keep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice quota". As root it becomes the account before it looks at anything of it. Without --user it
// is the account of one's own uid or, of a passwd-file, the one called $LOGNAME or $USER.
// Prints two readable lines, or the JSON object of CONTRACT.md 6, in bytes; a limit of 0 is none.
// Exit code: 0; 2 for usage, an unusable configuration, an unknown account, or one that cannot be counted.
int quota_command(std::span<const std::string> arguments);

}  // namespace filter::tools
