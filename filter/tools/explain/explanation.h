// A rule file in sentences, one for each statement, blocks indented.
// SPDX-License-Identifier: Apache-2.0
//
//   for (const Sentence& sentence : explain(script, known)) …
//
// Pure. Variables are filled in as far as the file alone decides them; `known` says what is known at its start.
#pragma once

#include <string>
#include <vector>

#include "filter/tools/known_values.h"
#include "rules/ast.h"

namespace filter::tools {

struct Sentence {
  enum class Kind { Recipe, Assignment, Note, End };
  Kind kind = Kind::Recipe;
  rules::Position where;  // End has none
  std::size_t depth = 0;  // of blocks
  std::string text;
};

std::vector<Sentence> explain(const rules::Script& script, KnownValues known);

}  // namespace filter::tools
