// `sluice check`: what is wrong with rule files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice check". Prints the diagnostics of each rule file and of the files it includes
// (rule_files.h), as text with the line and a caret, or as one JSON object (CONTRACT.md 2); runs nothing. Exit code: 0;
// 1 for findings that --fail-on counts; 2 for usage and files that cannot be read (the others are checked all the
// same).
int check_command(std::span<const std::string> arguments);

}  // namespace filter::tools
