// Hands a command of `sluice` over to `sluice-tools`, the second binary, so that the agent stays thin.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// Becomes `sluice-tools WORDS...`: the one beside this program, else the one where this program's installation has it,
// else the one of the path that was configured. `program`: argv[0], for systems without /proc. Returns only where none
// of them can be executed: says so, with the exit code for that.
int hand_over(const std::string& program, std::span<const std::string> words);

}  // namespace filter::tools
