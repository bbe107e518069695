// procmail's regular expression dialect: text in, tree out.
// SPDX-License-Identifier: Apache-2.0
//
//   Regex regex = parse_regex("^TO_anna|(b", true);
//   regex.expanded;      // "(^((Original-)?(Resent-)?(To|Cc|Bcc)|...):(.*[^-a-zA-Z0-9_.])?)anna|(b"
//   regex.problems;      // {Invalid regexp "..."}
//
// Source: procmailrc(5) "Extended regular expressions" and "Miscellaneous"; PROCMAIL.md 9.1 to 9.10. There is no
// failure: an unbalanced parenthesis is reported and what stands before it is the expression (an open group is closed
// there).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/regex/regex_ast.h"

namespace rules {

// Longer expressions, macros replaced, are cut there with a problem: the longest value a rule file may have.
inline constexpr std::size_t kMaxRegexBytes = std::size_t{1} << 20;
// Deeper groups end the expression with a problem; keeps recursion over the tree shallow.
inline constexpr std::size_t kMaxGroupDepth = 1000;

struct Regex {
  std::string expanded;   // the text with macros replaced (9.10, 9.11)
  bool fold = true;       // case is folded: asked for, or forced by ^FROM_DAEMON (9.1)
  bool captures = false;  // has a Marker
  Tree tree;
  std::vector<std::string> problems;    // log lines
  std::optional<std::size_t> error_at;  // offset in `expanded` where reading stopped
};

Regex parse_regex(std::string_view text, bool fold);

// How long the name of the macro is that is replaced at this offset of a text (9.10); 0: there is none.
std::size_t macro_size(std::string_view text, std::size_t at);

}  // namespace rules
