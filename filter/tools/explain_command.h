// `sluice explain`: what a rule file does, in sentences.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice explain" (CONTRACT.md 2). Runs nothing. Exit code: 0; 2 for usage and a file that cannot be
// read. What is wrong with the file is `sluice check`'s to say; it is explained as it will be run.
int explain_command(std::span<const std::string> arguments);

}  // namespace filter::tools
