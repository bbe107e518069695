// One condition line of a recipe: its prefixes read, its kind known.
// SPDX-License-Identifier: Apache-2.0
//
//   Condition c = read_condition("1^1 ! B ?? ^hello");   // weight 1^1, negated, body, Regexp "^hello"
//
// Ground floor: the parser reads conditions from the file, the interpreter those that a `$` made at run time
// (procmailrc(5), "Conditions"; PROCMAIL.md 8.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rules/expansion.h"

namespace rules {

struct Weight {
  double first = 0;      // w: what the first match adds
  double factor = 0;     // x: what each further one is multiplied by
};

struct Condition {
  enum class Kind { Regexp, Program, Smaller, Larger, Dynamic };
  enum class Area { Flags, Header, Body, Message, Variable };

  Kind kind = Kind::Regexp;
  std::optional<Weight> weight;
  bool negated = false;
  Area area = Area::Flags;     // Flags: as the recipe's H and B say
  std::string variable;        // of Area::Variable
  std::string text;            // Regexp: the pattern; Program: the command; otherwise what `expansion` was read from
  Expansion expansion;         // Dynamic: to be filled in, then read again; Smaller and Larger: the number
  bool shielded = false;       // Regexp: a backslash in front of `text` was dropped
  std::size_t raw_size = 0;    // bytes of rc text: LINEBUF counts them
};

// Reads the text behind the `*`; `prefixes` carries what was already read in front of a `$`.
Condition read_condition(std::string_view text, Condition prefixes = {});

// As the rules' author wrote it, joined lines apart: "1^1 ! B ?? ^hello".
std::string written(const Condition& condition);

// "1^1 ! B ?? regexp \"^hello\""
std::string dump(const Condition& condition);

}  // namespace rules
