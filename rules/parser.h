// From tokens to the tree: which conditions and action make a recipe, and which statements a block.
// SPDX-License-Identifier: Apache-2.0
//
//   ParserResult result = parse(tokens);      // always a Script; what does not fit became Notes and Diagnostics
#pragma once

#include <vector>

#include "rules/ast.h"
#include "rules/diagnostic.h"
#include "rules/token.h"

namespace rules {

struct ParserResult {
  Script script;
  std::vector<Diagnostic> diagnostics;
};

ParserResult parse(std::vector<Token> tokens);

}  // namespace rules
