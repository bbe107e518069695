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
  // Its output behind `used` bytes, trailing LFs cut.
  virtual Value backquote(const std::string& command, std::size_t used) = 0;
  virtual void bad_substitution(const std::string& name) = 0;
};

// Beyond kMaxLine the value is cut; its size then shows that it overflowed (larger than kMaxLine).
Value fill_text(const Expansion& expansion, Holes& holes);
// The same, with `further` where it belongs to the value; `takes_further` says whether it does.
Value fill_value(const Expansion& expansion, Holes& holes, bool& takes_further);
std::vector<Value> fill_words(const Expansion& expansion, Holes& holes);

// The words of a program, as it is given them, and as logs and LASTFOLDER name them. "$@" is the positional arguments in
// the one and nothing in the other; outside of programs it is nothing.
struct ProgramWords {
  std::vector<Value> given;
  std::vector<Value> named;
};
ProgramWords fill_program(const Expansion& expansion, Holes& holes, bool with_arguments = true);

// `$\name`: "()" and the text with every special character of a regexp behind a backslash (PROCMAIL.md 6.4).
Value escape_regexp(const Value& value);

}  // namespace rules
