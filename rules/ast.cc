// The text form of the tree.
// SPDX-License-Identifier: Apache-2.0
#include "rules/ast.h"

#include "rules/quote.h"

namespace rules {
namespace {

void dump_statements(const std::vector<Statement>& statements, unsigned depth, std::string& out);

struct ActionDump {
  unsigned depth;
  std::string& out;
  void operator()(const FolderAction& a) const { out += "folder " + dump(a.words) + "\n"; }
  void operator()(const ForwardAction& a) const { out += "forward " + dump(a.words) + "\n"; }
  void operator()(const ProgramAction& a) const { out += "program " + quoted(a.command.text) + "\n"; }
  void operator()(const CaptureAction& a) const {
    out += "capture " + a.name + (a.forwards ? " forward " + dump(a.words) : " program " + quoted(a.command.text)) + "\n";
  }
  void operator()(const NoAction&) const { out += "no action\n"; }
  void operator()(const Block& block) const {
    out += block.closed ? "block\n" : "block, never closed\n";
    dump_statements(block.statements, depth + 2, out);
  }
};

struct StatementDump {
  unsigned depth;
  std::string& out;
  void operator()(const Assignment& a) const {
    out += a.value ? "assign " + a.name + " = " + dump(*a.value) : "unset " + a.name;
    out += '\n';
  }
  void operator()(const Note& note) const { out += "note " + quoted(note.text) + "\n"; }
  void operator()(const SimpleRecipes& simple) const { out += std::to_string(simple.recipes.size()) + " simple recipes\n"; }
  void operator()(const Recipe& recipe) const {
    const std::string indent(2 * (depth + 1), ' ');
    out += "recipe " + dump(recipe.head) + "\n";
    for (const TreeCondition& c : recipe.conditions) out += indent + "if " + dump(c.condition) + "\n";
    for (const std::string& note : recipe.notes) out += indent + "note " + quoted(note) + "\n";
    out += indent;
    std::visit(ActionDump{depth, out}, recipe.action);
  }
};

void dump_statements(const std::vector<Statement>& statements, unsigned depth, std::string& out) {
  for (const Statement& statement : statements) {
    out.append(2 * depth, ' ');
    std::visit(StatementDump{depth, out}, statement.what);
  }
}

}  // namespace

std::string dump(const Script& script) {
  std::string out;
  dump_statements(script.statements, 0, out);
  return out;
}

}  // namespace rules
