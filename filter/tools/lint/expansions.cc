// Visits the expansions of assignments, heads, conditions and actions.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/expansions.h"

namespace filter::tools::lint {
namespace {

using Use = ExpansionView::Use;
using LookAt = std::function<void(const ExpansionView&)>;

// procmailrc(5), SHELLMETAS: with one of these in it, $SHELL reads the command.
bool is_for_shell(const rules::Command& command) {
  return command.text.find_first_of("&|<>~;?*[") != std::string::npos;
}

void look_at_action(const RecipeView& view, const LookAt& look_at) {
  const rules::Action& action = view.recipe->action;
  const rules::Position& where = view.recipe->action_at;
  if (const auto* folder = std::get_if<rules::FolderAction>(&action)) look_at({Use::Folder, &folder->words, where});
  if (const auto* forward = std::get_if<rules::ForwardAction>(&action)) look_at({Use::Forward, &forward->words, where});
  if (const auto* program = std::get_if<rules::ProgramAction>(&action); program && !is_for_shell(program->command))
    look_at({Use::Program, &program->command.words, where});
  if (const auto* capture = std::get_if<rules::CaptureAction>(&action)) {
    if (capture->forwards) look_at({Use::Forward, &capture->words, where});
    if (!capture->forwards && !is_for_shell(capture->command)) look_at({Use::Program, &capture->command.words, where});
  }
}

}  // namespace

void for_each_expansion(const Model& model, const LookAt& look_at) {
  for (const AssignmentView& view : model.assignments)
    if (view.assignment->value) look_at({Use::Value, &*view.assignment->value, view.where, view.assignment});
  for (const ConditionView& view : model.conditions)
    look_at({Use::Condition, &view.tree->condition.expansion, view.tree->where});
  for (const RecipeView& view : model.recipes) {
    look_at({Use::Head, &view.recipe->head, view.where});
    look_at_action(view, look_at);
  }
}

void for_each_piece(const std::vector<rules::Piece>& pieces, const std::function<void(const rules::Piece&)>& look_at) {
  for (const rules::Piece& piece : pieces) {
    look_at(piece);
    for_each_piece(piece.other, look_at);
  }
}

}  // namespace filter::tools::lint
