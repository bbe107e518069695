// Finds recipes in programs.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_rules.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include "filter/tools/rule_files.h"
#include "rules/program.h"

namespace filter::tools {
namespace {

std::string source_text(const rules::Expansion& words) {
  std::string out;
  for (const rules::Piece& piece : words.pieces) {
    using Kind = rules::Piece::Kind;
    if (piece.kind == Kind::Text) out += piece.text;
    if (piece.kind == Kind::Variable) out += '$' + piece.text;
    if (piece.kind == Kind::Break) out += ' ';
  }
  return out;
}

// What an instruction does, if it is an action.
struct ActionText {
  std::string operator()(const rules::op::Deliver& o) const { return source_text(o.words); }
  std::string operator()(const rules::op::Forward& o) const { return "! " + source_text(o.words); }
  std::string operator()(const rules::op::RunProgram& o) const { return "| " + o.command.text; }
  std::string operator()(const rules::op::Capture& o) const { return o.name + "=| " + o.command.text; }
  std::string operator()(const rules::op::Enter&) const { return "{"; }
  std::string operator()(const auto&) const { return {}; }
};

std::vector<ListedRecipe> recipes_of(const rules::Program& program) {
  std::vector<ListedRecipe> recipes;
  std::string conditions;
  const auto& code = program.instructions;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (std::holds_alternative<rules::op::Begin>(code[i].what)) {
      recipes.push_back({code[i].where.line, {}});
      conditions.clear();
    } else if (const auto* test = std::get_if<rules::op::Test>(&code[i].what)) {
      conditions += (conditions.empty() ? "* " : " * ") + rules::written(test->condition);
    } else if (std::holds_alternative<rules::op::Decide>(code[i].what) && i + 1 < code.size() && !recipes.empty()) {
      recipes.back().text =
          conditions + (conditions.empty() ? "" : " -> ") + std::visit(ActionText{}, code[i + 1].what);
    }
  }
  return recipes;
}

void list(std::vector<ListedRules>& all, const rules::Source& source, const rules::Program& program) {
  const bool known = std::ranges::any_of(all, [&](const ListedRules& one) { return one.path == source.name(); });
  if (!known) all.push_back({source.name(), std::string(source.text()), recipes_of(program)});
}

}  // namespace

std::vector<ListedRules> list_rules(const DryPlan& plan) {
  std::vector<ListedRules> all;
  RuleFiles files(plan.delivery.recipient.home);
  if (plan.delivery.site_rules && plan.delivery.site_rules->program) (void)files.add(plan.delivery.site_rules->path);
  std::error_code failed;
  const bool again = std::filesystem::is_regular_file(plan.rules.name(), failed);
  if (again) (void)files.add(plan.rules.name());
  for (const RuleFile& file : files.list()) list(all, file.source, *file.compiled.program);
  if (!again) list(all, plan.rules, *plan.delivery.user_rules.front().program);
  return all;
}

}  // namespace filter::tools
