// Tells early, from an expression's bare text, that it cannot match: nothing is parsed, nothing compiled.
// SPDX-License-Identifier: Apache-2.0
//
//   TrigramSet known("\nSubject: [dev] hello\n\n");             // one pass over the area
//   glance("^Subject:.*(casino|pills)", known);                 // Glance::CannotMatch
//   glance("^Subject:.*hel+o", known);                          // Glance::MayMatch: ask the matchers
//   glance("(ab", known);                                       // Glance::Unsure: parse it
//
// A match must contain every literal run of the expression, in each alternative its own; a text that lacks one of a
// run's trigrams lacks the run. So a sequence may match if all its parts may, an alternation if any may, and what is
// optional, a class, a dot or an anchor always may. Case is folded, also where the expression does not: that only lets
// more through.
//
// CannotMatch and MayMatch also say that the expression has no error (PROCMAIL.md 9.9). Linear in the expression; no
// memory is taken.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rules {

// Which three bytes stand in a row somewhere in a text, case folded, hashed to 64 Kbit: what is not in the set is not
// in the text.
class TrigramSet {
 public:
  explicit TrigramSet(std::string_view text);

  // `window`: three bytes in lower case, the last one lowest.
  bool may_hold(std::uint32_t window) const {
    const std::uint32_t bit = hash(window);
    return (words_[bit >> 6] >> (bit & 63)) & 1;
  }

 private:
  static std::uint32_t hash(std::uint32_t window) { return (window * 0x9e3779b1u) >> 16; }

  std::array<std::uint64_t, 1024> words_{};
};

enum class Glance {
  Unsure,       // too long, too deep, with an error or with a macro inside of a class: only the parser knows
  MayMatch,     // the text has all that was looked for
  CannotMatch,  // the text lacks something that every match has
};

Glance glance(std::string_view expression, const TrigramSet& text);

// Whether the expression surely has no error; false: only the parser knows.
bool is_surely_valid(std::string_view expression);

}  // namespace rules
