// Walks the tree, and keeps in mind what is known on the way.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain/explanation.h"

#include <utility>

#include "filter/tools/explain/pattern_words.h"
#include "filter/tools/explain/recipe_words.h"
#include "rules/head.h"

namespace filter::tools {
namespace {

// Without conditions, and on its own: a copy's run has variables of its own.
bool is_always_entered(const rules::Recipe& recipe) {
  const auto head = rules::constant_head(recipe.head);
  return recipe.conditions.empty() && head && !head->copy && !head->if_last_matched && !head->if_last_succeeded &&
         !head->if_last_did_not && !head->if_last_failed;
}

class Explainer {
 public:
  explicit Explainer(KnownValues known) : known_(std::move(known)) {}

  void walk(const std::vector<rules::Statement>& statements, std::size_t depth) {
    for (const rules::Statement& statement : statements)
      std::visit([&](const auto& what) { tell(statement.where, depth, what); }, statement.what);
  }
  // Where the fall-back delivers.
  std::string inbox() const {
    const std::string* known = known_.find("DEFAULT");
    return known ? plain_or_quoted(*known) : sets_default_ ? "what DEFAULT then says" : "the inbox";
  }
  std::vector<Sentence> sentences;

 private:
  void tell(const rules::Position& where, std::size_t depth, const rules::Assignment& assignment) {
    sentences.push_back({Sentence::Kind::Assignment, where, depth, assignment_sentence(assignment, known_)});
    known_.take(assignment.name, assignment.value);
    sets_default_ |= assignment.name == "DEFAULT";
    if (assignment.name == "INCLUDERC" || assignment.name == "SWITCHRC") forget_all_but_home();
  }
  void tell(const rules::Position& where, std::size_t depth, const rules::Note& note) {
    sentences.push_back({Sentence::Kind::Note, where, depth, "Nothing but a line in the log: " + note.text});
  }
  void tell(const rules::Position&, std::size_t, const rules::SimpleRecipes&) {}
  void tell(const rules::Position& where, std::size_t depth, const rules::Recipe& recipe) {
    sentences.push_back({Sentence::Kind::Recipe, where, depth, recipe_sentence(recipe, known_)});
    if (const auto* capture = std::get_if<rules::CaptureAction>(&recipe.action)) known_.forget(capture->name);
    for (const rules::TreeCondition& tree : recipe.conditions)
      if (tree.condition.text.find("\\/") != std::string::npos) known_.forget("MATCH");
    const auto* block = std::get_if<rules::Block>(&recipe.action);
    if (!block) return;
    const KnownValues before = known_;
    walk(block->statements, depth + 1);
    if (is_always_entered(recipe)) return;
    known_ = before;
    forget_set_by(block->statements, known_);
  }

  // What another file sets is not looked at.
  void forget_all_but_home() {
    const std::string* home = known_.find("HOME");
    KnownValues left;
    if (home) left.set("HOME", *home);
    known_ = left;
  }

  KnownValues known_;
  bool sets_default_ = false;
};

}  // namespace

std::vector<Sentence> explain(const rules::Script& script, KnownValues known) {
  Explainer explainer(std::move(known));
  explainer.walk(script.statements, 0);
  explainer.sentences.push_back(
      {Sentence::Kind::End, {}, 0, "Whatever comes to the end: put into " + explainer.inbox()});
  return std::move(explainer.sentences);
}

}  // namespace filter::tools
