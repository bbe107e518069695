// Bytes from mail, made fit for a terminal: one line, no control characters, at most so many columns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace filter::tools {

// Control characters (C1 included) and bytes that are not UTF-8 become '?'; one column for each character.
std::string printable(std::string_view bytes);
// printable(), cut to `columns` characters, the last of which is then "…".
std::string shortened(std::string_view bytes, std::size_t columns);
// The same, filled up with blanks.
std::string padded(std::string_view bytes, std::size_t columns);

}  // namespace filter::tools
