// Fills in the holes of an expansion.
// SPDX-License-Identifier: Apache-2.0
//
//   Value value = fill_text(expansion, holes);                 // one value: assignments, conditions
//   std::vector<Value> words = fill_words(expansion, holes);   // words: actions, lock names, programs
//
// procmailrc(5), "Environment variable defaults" ff.; PROCMAIL.md 6.
#pragma once

#include <string>
#include <vector>

#include "rules/expansion.h"
#include "rules/value.h"

namespace rules {

// Who knows what is to be filled in.
class Holes {
 public:
  virtual ~Holes() = default;
  virtual const Value* variable(const std::string& name) = 0;       // nullptr: unset
  virtual const std::vector<Value>& arguments() = 0;                // $1 is the first
  virtual Value special(char name) = 0;                             // one of $ ? # = _ - 0
  virtual Value backquote(const std::string& command) = 0;          // its output, trailing LFs cut
  virtual void bad_substitution(const std::string& name) = 0;
};

// Beyond kMaxLine the value is cut; its size then shows that it overflowed (larger than kMaxLine).
Value fill_text(const Expansion& expansion, Holes& holes);
// `with_arguments`: "$@" becomes the positional arguments, as in the words of a program; elsewhere it is nothing.
std::vector<Value> fill_words(const Expansion& expansion, Holes& holes, bool with_arguments = false);

// `$\name`: "()" and the text with every special character of a regexp behind a backslash (PROCMAIL.md 6.4).
Value escape_regexp(const Value& value);

}  // namespace rules
