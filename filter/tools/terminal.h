// What a tool's output may look like: a terminal's width, and whether colours are wanted there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace filter::tools {

// Columns of the terminal behind a descriptor; 0: it is none.
std::size_t terminal_width(int fd);
// Only on a terminal, and not where NO_COLOR is set to anything.
bool wants_colour(int fd);

}  // namespace filter::tools
