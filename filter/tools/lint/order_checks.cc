// Reads the statements of each level in their order.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/order_checks.h"

#include <map>
#include <optional>

#include "rules/ast.h"

namespace filter::tools::lint {
namespace {

using rules::Recipe;
using rules::Statement;

bool ends_rules(const std::vector<Statement>& statements);

// Whether nothing but a failure lets the rules go on behind this recipe's action. A program that is waited for is
// expected to fail at times.
bool ends_rules(const Recipe& recipe, const rules::Head& head) {
  if (head.copy || head.filter) return false;
  if (const auto* block = std::get_if<rules::Block>(&recipe.action)) return ends_rules(block->statements);
  const bool waits = head.wait != rules::Wait::No || head.locks;
  if (const auto* program = std::get_if<rules::ProgramAction>(&recipe.action))
    return !waits && !program->command.words.pieces.empty();
  return std::holds_alternative<rules::FolderAction>(recipe.action) ||
         (std::holds_alternative<rules::ForwardAction>(recipe.action) && head.wait == rules::Wait::No);
}

// How far a chain of recipes with E has come: every one of them so far ends the rules where it applies.
struct Chain {
  bool all_end = false;
  void take(const rules::Head& head, bool ends) { all_end = ends && (all_end || !head.if_last_did_not); }
};

// Whether the recipe runs whatever the message is: no conditions, or the last E of a chain whose others end the rules.
bool always_ends(const Recipe& recipe, const rules::Head& head, const Chain& before) {
  if (!recipe.conditions.empty() || !ends_rules(recipe, head)) return false;
  if (head.if_last_matched || head.if_last_succeeded || head.if_last_failed) return false;
  return !head.if_last_did_not || before.all_end;
}

bool ends_rules(const std::vector<Statement>& statements) {
  Chain chain;
  for (const Statement& statement : statements) {
    const auto* recipe = std::get_if<Recipe>(&statement.what);
    const auto head = recipe ? rules::constant_head(recipe->head) : std::nullopt;
    if (!head) continue;
    if (always_ends(*recipe, *head, chain)) return true;
    chain.take(*head, ends_rules(*recipe, *head));
  }
  return false;
}

// The first recipe that can only run where a delivery before it fails, and the one that delivers.
void find_unreachable(const std::vector<Statement>& statements, Report& report) {
  Chain chain;
  const Statement* end = nullptr;
  for (const Statement& statement : statements) {
    const auto* recipe = std::get_if<Recipe>(&statement.what);
    const auto head = recipe ? rules::constant_head(recipe->head) : std::nullopt;
    if (!head) continue;
    if (end) {
      // What is meant for a failure says so with e.
      if (head->if_last_failed || head->if_last_succeeded) continue;
      report.add(statement.where,
                 "nothing comes to this recipe, unless the one in line " + std::to_string(end->where.line) +
                     ", which takes every message, fails: put this one before it, or give that one a "
                     "condition, or c to go on with a copy. What is meant for a failure has the flag e");
      return;
    }
    if (always_ends(*recipe, *head, chain)) end = &statement;
    chain.take(*head, ends_rules(*recipe, *head));
  }
}

bool has_holes(const std::string& dumped) {
  return dumped.find('$') != std::string::npos || dumped.find('`') != std::string::npos;
}

// The recipe as text, its place apart.
std::string text_of(const Statement& statement) {
  rules::Script script;
  script.statements.push_back(statement);
  return rules::dump(script);
}

void find_duplicates(const std::vector<Statement>& statements, Report& report) {
  std::map<std::string, unsigned> seen;  // the recipe's text, and its line
  for (const Statement& statement : statements) {
    const auto* recipe = std::get_if<Recipe>(&statement.what);
    if (!recipe) {
      // Other values make another recipe of the same text.
      std::erase_if(seen, [](const auto& entry) { return has_holes(entry.first); });
      continue;
    }
    const auto head = rules::constant_head(recipe->head);
    const bool in_chain =
        !head || head->if_last_did_not || head->if_last_failed || head->if_last_matched || head->if_last_succeeded;
    const bool empty = std::holds_alternative<rules::NoAction>(recipe->action);
    const auto* block = std::get_if<rules::Block>(&recipe->action);
    if (in_chain || empty || (block && block->statements.empty())) continue;
    const auto [first, is_new] = seen.emplace(text_of(statement), statement.where.line);
    if (is_new) {
      if (head->filter || block || std::holds_alternative<rules::CaptureAction>(recipe->action))
        std::erase_if(seen, [&](const auto& entry) { return entry.second != statement.where.line; });
      continue;
    }
    report.add(statement.where, "this recipe is the same as the one in line " + std::to_string(first->second) +
                                    ": remove one of them, or change what was meant to be different");
  }
}

}  // namespace

void check_unreachable(const Look& look, Report& report) {
  for (const auto* level : look.file.levels) find_unreachable(*level, report);
}

void check_duplicate_recipe(const Look& look, Report& report) {
  for (const auto* level : look.file.levels) find_duplicates(*level, report);
}

void check_host_trap(const Look& look, Report& report) {
  bool exit_code_is_set = false;
  for (const AssignmentView& view : look.file.assignments) {
    const rules::Assignment& assignment = *view.assignment;
    // To set EXITCODE and then HOST is how rules end on purpose.
    if (assignment.name == "EXITCODE" || assignment.name == "DELIVERED")
      exit_code_is_set = assignment.value.has_value();
    if (assignment.name != "HOST" || exit_code_is_set) continue;
    const auto& value = assignment.value;
    const bool itself = value && value->pieces.size() == 1 && value->pieces[0].kind != rules::Piece::Kind::Text;
    if (itself) continue;
    report.add(view.where,
               "where HOST is set to any other name than this machine's, or is unset, the rules end here and the "
               "message counts as delivered: it is lost. To end the rules deliver the message, or set EXITCODE first");
  }
}

}  // namespace filter::tools::lint
