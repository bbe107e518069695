// The two questions that are asked about every byte of a mailbox, answered sixteen bytes at a time.
// SPDX-License-Identifier: Apache-2.0
//
//   next_line_with(text, at, 'F')      // of which LF does a line beginning with F follow?
//   bare_line_feeds(text, '\n')        // how many LFs have no CR before them?
#pragma once

#include <cstddef>
#include <string_view>

namespace mailbox {

// The place, from `at` on, of the first LF behind which `a`, `b` or `c` stands; npos: there is none.
std::size_t next_line_with(std::string_view text, std::size_t at, char a, char b, char c);
inline std::size_t next_line_with(std::string_view text, std::size_t at, char a) {
  return next_line_with(text, at, a, a, a);
}

// LFs that no CR precedes; `before` is the byte before the text.
std::size_t bare_line_feeds(std::string_view text, char before);

}  // namespace mailbox
