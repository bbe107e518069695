// Reads the places of an rc file where words, quotes, variables and backquotes may stand.
// SPDX-License-Identifier: Apache-2.0
//
//   std::size_t at = offset;
//   Expansion value = read_words(text, at, TextMode::Assignment);   // at: the first byte not read
//
// Never fails: what is odd becomes text or a BadSubstitution piece, as under procmail (PROCMAIL.md 5.5, 6).
#pragma once

#include <string_view>

#include "rules/expansion.h"

namespace rules {

struct WordReading {
  Expansion expansion;
  bool unterminated = false;      // the text ended within quotes: "Unexpected EOL"
  bool too_deep = false;          // ${…${…}…} beyond kMaxNesting was taken as it stands
};

// Words stops at an unquoted LF, Assignment also at an unquoted blank (neither is read); Whole reads everything. A '#' at
// the start of a word begins a comment, but not in Whole. `quoted`: begin as if behind a double quote (conditions).
WordReading read_words(std::string_view text, std::size_t& at, TextMode mode, bool quoted = false);

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }

}  // namespace rules
