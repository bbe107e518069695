// From rc text to tokens: where statements, recipes, conditions and actions begin and end.
// SPDX-License-Identifier: Apache-2.0
//
//   LexerResult result = tokenize(source);
//   result.tokens; result.diagnostics;
//
// Never fails: what procmail would skip becomes a Skipped token, what it would complain about a Note, and a Diagnostic for
// the file's author (procmailrc(5); PROCMAIL.md 5, 7, 8.1, 8.2, 13, 14).
#pragma once

#include <vector>

#include "rules/diagnostic.h"
#include "rules/token.h"

namespace rules {

struct LexerResult {
  std::vector<Token> tokens;
  std::vector<Diagnostic> diagnostics;
};

// `leave_simple`: simple recipes become Simple tokens (simple_recipe.h).
LexerResult tokenize(const Source& source, bool leave_simple = false);

}  // namespace rules
