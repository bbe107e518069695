// Finds MATCH: the earliest place of the marker `\/`, and from there the longest match (PROCMAIL.md 10).
// SPDX-License-Identifier: Apache-2.0
//
// What decides, in this order:
// 1. Some match that ends where the earliest one ends must have crossed a marker; else MATCH keeps its old value (R38).
// 2. Of all matches, the one whose marker lies earliest wins; where several lie on its way, the first.
// 3. Of those, the longest. The order of alternatives means nothing.
// The real procmail answers in rule 1 to 3 by the order of alternatives in a few cases that we take as defects of the
// kind of 10.6: a marker that was passed on a way that failed later, a marker in a loop, a `+` directly before it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "rules/regex/nfa.h"

namespace rules {

// Offsets in `framed` of marker and end. `start` and `earliest_end` are what EarliestEnd::find was given and gave.
std::optional<std::pair<std::size_t, std::size_t>> find_capture(const Nfa& nfa, std::string_view framed,
                                                                std::size_t start, std::size_t earliest_end);

}  // namespace rules
