// What the lexer makes of an rc file: its logical lines, in order, each with its words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>
#include <vector>

#include "rules/expansion.h"
#include "rules/simple_recipe.h"
#include "rules/trace.h"

namespace rules {

struct Token {
  enum class Kind {
    Assignment,   // name=value: `name`, `words`
    Unset,        // a bare name: `name`
    Close,        // }
    Head,         // ":0 flags: lock": `words`, what stands behind the colon
    Condition,    // "* text": `text`, lines still joined by "\" LF
    Open,         // the action {
    Folder,       // `words`
    Forward,      // "! words"
    Program,      // "| text"
    Capture,      // "name=| text" or "name=! words": `name`, `text` or `words`, `forwards`
    Simple,       // `recipes`, one behind the other, left unread
    Skipped,      // `text` is no statement: procmail says so and goes on
    Note          // `text` is a diagnostic in procmail's words: "Missing action"
  };
  Kind kind = Kind::Note;
  Position where;
  std::string name;
  std::string text;
  Expansion words;
  bool forwards = false;
  std::vector<SimpleRecipe> recipes;
};

// One token a line: `3:1 head "0" <break> "c"`.
std::string dump(const std::vector<Token>& tokens);

}  // namespace rules
