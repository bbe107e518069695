// What every match of an expression must contain: known before any matcher is built, for sorting conditions out early.
// SPDX-License-Identifier: Apache-2.0
//
// The literal lets a caller decide a condition as false without matching, when the text (lower-cased, if the expression
// folds) does not contain it; the field, that only the lines of one header field can match.
#pragma once

#include <string>

#include "rules/regex/dialect.h"

namespace rules {

struct Literals {
  std::string required;   // the longest run of bytes in every match, LF excluded; lower-cased if folding; may be empty
  std::string field;      // "subject:" if every match begins with an LF and that; lower-cased if folding; may be empty
  bool one_line = false;  // no match that begins with the field reaches beyond the LF behind its line
};

Literals find_literals(const Regex& regex);

}  // namespace rules
