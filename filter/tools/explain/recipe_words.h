// Recipes and assignments in sentences.
// SPDX-License-Identifier: Apache-2.0
//
//   recipe_sentence(recipe, known)   // "Messages whose List-Id contains <dev.example.org>, ignoring case: put into the
//                                    //  Maildir lists/dev, and stop"
#pragma once

#include <span>
#include <string>

#include "filter/tools/known_values.h"
#include "rules/ast.h"

namespace filter::tools {

// Words with what is known filled in: "$HOME/x" or "/home/anna/x".
std::string spelled(std::span<const rules::Piece> pieces, const KnownValues& known);

// Which messages, in which order, and what becomes of them; of a block, what leads to it. Without a '.' at its end.
std::string recipe_sentence(const rules::Recipe& recipe, const KnownValues& known);
// What an assignment brings about.
std::string assignment_sentence(const rules::Assignment& assignment, const KnownValues& known);

}  // namespace filter::tools
