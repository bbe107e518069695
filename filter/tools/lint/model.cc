// Walks the tree once, and notes what the checks ask about.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/model.h"

#include <utility>

#include "filter/tools/lint/pattern_items.h"

namespace filter::tools::lint {
namespace {

using rules::Piece;

FolderKind kind_of_name(std::string_view name) {
  if (name.starts_with("/dev/")) return FolderKind::Device;
  if (name == "|") return FolderKind::Output;
  if (name.ends_with("/.")) return FolderKind::Mh;
  if (name.ends_with('/')) return FolderKind::Maildir;
  return name.empty() || name == "." || name == ".." ? FolderKind::Unknown : FolderKind::Mbox;
}

FolderKind kind_of_folder(const rules::Expansion& expansion, const KnownValues& known) {
  const auto words = words_of(expansion);
  if (words.size() != 1) return FolderKind::Unknown;
  if (const auto name = known.value(words[0])) return kind_of_name(*name);
  const Piece& last = words[0].back();
  // The end of a name tells its kind, whatever stands in front.
  return last.kind == Piece::Kind::Text && !last.text.empty() ? kind_of_name("x" + last.text) : FolderKind::Unknown;
}

// The condition with its expansion's texts, and a byte for each hole: what it will be, as far as the file tells.
rules::Condition with_holes(const rules::Condition& dynamic) {
  std::string text;
  for (const Piece& piece : dynamic.expansion.pieces)
    text += piece.kind == Piece::Kind::Text ? piece.text : std::string(1, kHole);
  rules::Condition prefixes = dynamic;
  prefixes.kind = rules::Condition::Kind::Regexp;
  return rules::read_condition(text, std::move(prefixes));
}

class Layout {
 public:
  Layout(Model& model, const World& world) : model_(model), world_(world) {
    known_.set("DEFAULT", "/var/mail/user");
    known_.set("ORGMAIL", "/var/mail/user");
    if (!world.home.empty())
      for (const char* name : {"HOME", "MAILDIR"}) known_.set(name, world.home);
  }
  void walk(const std::vector<rules::Statement>& statements, bool in_copy);

 private:
  void add(const rules::Position& where, const rules::Assignment& assignment);
  void add(const rules::Position& where, const rules::Recipe& recipe, bool in_copy);
  void add_conditions(const rules::Recipe& recipe);
  FolderKind folder_kind(const rules::Expansion& words) const;

  Model& model_;
  const World& world_;
  KnownValues known_;
  bool under_lock_ = false;
};

void Layout::walk(const std::vector<rules::Statement>& statements, bool in_copy) {
  model_.levels.push_back(&statements);
  for (const rules::Statement& statement : statements) {
    if (const auto* assignment = std::get_if<rules::Assignment>(&statement.what)) add(statement.where, *assignment);
    if (const auto* recipe = std::get_if<rules::Recipe>(&statement.what)) add(statement.where, *recipe, in_copy);
  }
}

void Layout::add(const rules::Position& where, const rules::Assignment& assignment) {
  model_.steps.push_back({Step::Kind::Assignment, model_.assignments.size()});
  model_.assignments.push_back({&assignment, where});
  known_.take(assignment.name, assignment.value);
  if (assignment.name == "LOCKFILE") under_lock_ = assignment.value && !assignment.value->pieces.empty();
}

void Layout::add_conditions(const rules::Recipe& recipe) {
  for (const rules::TreeCondition& tree : recipe.conditions) {
    ConditionView view{&tree, model_.recipes.size(), std::nullopt};
    if (tree.condition.kind == rules::Condition::Kind::Regexp) view.regexp = tree.condition;
    if (tree.condition.kind == rules::Condition::Kind::Dynamic) {
      view.regexp = with_holes(tree.condition);
      if (view.regexp->kind != rules::Condition::Kind::Regexp) view.regexp.reset();
    }
    model_.conditions.push_back(std::move(view));
  }
}

// A name of an mbox may be that of a directory which is there already.
FolderKind Layout::folder_kind(const rules::Expansion& words) const {
  const FolderKind kind = kind_of_folder(words, known_);
  const std::string* maildir = known_.find("MAILDIR");
  if (kind != FolderKind::Mbox || !world_.is_directory || !maildir) return kind;
  const auto name = known_.value(words);
  if (!name) return kind;
  return world_.is_directory(name->starts_with('/') ? *name : *maildir + '/' + *name) ? FolderKind::Directory : kind;
}

void Layout::add(const rules::Position& where, const rules::Recipe& recipe, bool in_copy) {
  add_conditions(recipe);
  RecipeView view{&recipe, where};
  const auto head = rules::constant_head(recipe.head);
  view.head_is_known = head.has_value();
  view.head = head.value_or(rules::Head());
  view.in_copy = in_copy;
  view.under_lock = under_lock_;
  if (const auto* folder = std::get_if<rules::FolderAction>(&recipe.action)) view.folder = folder_kind(folder->words);
  if (const auto* capture = std::get_if<rules::CaptureAction>(&recipe.action)) known_.forget(capture->name);
  model_.steps.push_back({Step::Kind::Recipe, model_.recipes.size()});
  model_.recipes.push_back(view);
  const auto* block = std::get_if<rules::Block>(&recipe.action);
  if (!block) return;
  const bool copies = view.head_is_known && view.head.copy;
  walk(block->statements, in_copy || copies);
  if (copies || !recipe.conditions.empty()) forget_set_by(block->statements, known_);
}

}  // namespace

Model lay_out(const rules::Source& source, const rules::Script& script, const World& world) {
  Model model;
  model.source = &source;
  Layout(model, world).walk(script.statements, false);
  return model;
}

rules::Position place_of(const rules::Source& source, rules::Position where, std::string_view text) {
  rules::Position at = where;
  for (;;) {
    const std::string_view line = source.line(at.line);
    const std::size_t found = text.empty() ? std::string_view::npos : line.find(text, at.column - 1);
    if (found != std::string_view::npos) {
      at.column = static_cast<unsigned>(found) + 1;
      return at;
    }
    if (!line.ends_with('\\')) return where;
    ++at.line;
    at.column = 1;
  }
}

}  // namespace filter::tools::lint
