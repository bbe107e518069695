// The fast path: the expression as PCRE2 sees it, and a matcher that answers yes, no, or that it gave up.
// SPDX-License-Identifier: Apache-2.0
//
// The translation searches the framed area (PROCMAIL.md 9.13): `^` and `$` are `\n`, `.` is `[^\n]`, a leading `^^` is
// `\A\n`, one at the end `(?=\n\z)`, `\/` is nothing. A match exists for PCRE2 exactly when one exists for procmail;
// where it ends and where `\/` lies differ, so only the yes or no is asked for.
//
// Cost: PCRE2's match limit holds for each place a match could begin, so the limit given is kMaxSteps divided by the
// length of the text; a call takes a few milliseconds at most and then gives up. Longer texts than kMaxText are not
// tried: the linear engine is faster there. Possessive repeats are off because the bytes they take are not counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rules/regex/dialect.h"

namespace rules {

std::string pcre_text(const Regex& regex);

class PcreMatcher {
 public:
  enum class Answer { Yes, No, GaveUp };

  static constexpr std::size_t kMaxText = std::size_t{64} << 10;        // framed bytes
  static constexpr std::size_t kMaxExpression = std::size_t{64} << 10;  // bytes of pcre_text
  static constexpr std::size_t kMaxSteps = 4'000'000;                   // in all places together
  static constexpr std::uint32_t kMaxHeapKiB = 20 * 1024;

  // Compiles; an expression that PCRE2 refuses (too large, too deep) makes every answer GaveUp.
  explicit PcreMatcher(const Regex& regex, std::size_t max_steps = kMaxSteps);
  ~PcreMatcher();
  PcreMatcher(const PcreMatcher&) = delete;
  PcreMatcher& operator=(const PcreMatcher&) = delete;

  // May be called by several threads at once.
  Answer match(std::string_view framed) const;

 private:
  struct Code;
  std::unique_ptr<Code> code_;  // null: refused
  std::size_t max_steps_;
};

}  // namespace rules
