// An rc file as a tree: statements, recipes, and the blocks within them. Data only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/command.h"
#include "rules/condition.h"
#include "rules/expansion.h"
#include "rules/simple_recipe.h"
#include "rules/trace.h"

namespace rules {

struct Statement;

struct Assignment {
  std::string name;
  std::optional<Expansion> value;   // nothing: the variable is unset
};

// What procmail writes to the log when it comes by here: Skipped "x", Missing action.
struct Note {
  std::string text;
};

struct FolderAction {
  Expansion words;
};
struct ForwardAction {
  Expansion words;
};
struct ProgramAction {
  Command command;
};
struct CaptureAction {
  std::string name;
  Command command;      // of name=| command
  Expansion words;      // of name=! words
  bool forwards = false;
};
struct Block {
  std::vector<Statement> statements;
  bool closed = true;   // false: the file ended first
};
// The recipe has none: the file ended, or another recipe took its place. Its conditions are tried all the same.
struct NoAction {};
using Action = std::variant<FolderAction, ForwardAction, ProgramAction, CaptureAction, Block, NoAction>;

struct TreeCondition {
  Position where;
  Condition condition;
};

struct Recipe {
  Expansion head;
  std::vector<TreeCondition> conditions;
  std::vector<std::string> notes;   // said when the action is read: Missing action
  Position action_at;
  Action action;
};

// Recipes that are left unread for now.
struct SimpleRecipes {
  std::vector<SimpleRecipe> recipes;
};

struct Statement {
  Position where;
  std::variant<Assignment, Note, Recipe, SimpleRecipes> what;
};

struct Script {
  std::vector<Statement> statements;
};

// Indented by two blanks a level.
std::string dump(const Script& script);

}  // namespace rules
