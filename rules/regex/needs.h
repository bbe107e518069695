// What a text must have so that an expression may match it, read once and asked often: prefilter.h's walk, prepared.
// SPDX-License-Identifier: Apache-2.0
//
//   Needs needs("^Subject:.*(casino|pills)");
//   needs.may_match(known);            // as glance() != Glance::CannotMatch, at a tenth of its cost
//
// Costs a few allocations, so it is worth its while for an expression that meets many texts.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/regex/prefilter.h"

namespace rules {

class Needs {
 public:
  // Trigrams that must all be there, and choices, of each of which one must be possible.
  struct Sequence {
    std::vector<std::uint32_t> windows;
    std::vector<std::vector<Sequence>> choices;
  };

  explicit Needs(std::string_view expression);
  bool may_match(const TrigramSet& text) const { return choices_.empty() || any_possible(choices_, text); }

 private:
  static bool any_possible(const std::vector<Sequence>& choices, const TrigramSet& text);
  static bool is_possible(const Sequence& sequence, const TrigramSet& text);

  std::vector<Sequence> choices_;  // none: only the parser knows
};

}  // namespace rules
