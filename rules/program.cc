// The text form of programs.
// SPDX-License-Identifier: Apache-2.0
#include "rules/program.h"

#include "rules/quote.h"

namespace rules {
namespace {

struct Describe {
  std::string operator()(const op::Assign& o) const {
    return o.value ? "assign " + o.name + " = " + dump(*o.value) : "unset " + o.name;
  }
  std::string operator()(const op::Say& o) const { return "say " + quoted(o.text); }
  std::string operator()(const op::Begin& o) const { return "begin " + (o.head ? dump(*o.head) : "from " + dump(o.words)); }
  std::string operator()(const op::Test& o) const {
    std::string out = "test " + dump(o.condition);
    if (o.pattern && !o.pattern->field().empty()) out += " field " + quoted(o.pattern->field());
    if (o.pattern && !o.pattern->required_literal().empty()) out += " literal " + quoted(o.pattern->required_literal());
    return out;
  }
  std::string operator()(const op::Decide& o) const { return "decide else " + std::to_string(o.otherwise); }
  std::string operator()(const op::Deliver& o) const { return "deliver " + dump(o.words); }
  std::string operator()(const op::Forward& o) const { return "forward " + dump(o.words); }
  std::string operator()(const op::RunProgram& o) const { return "run " + quoted(o.command.text); }
  std::string operator()(const op::Capture& o) const {
    return "capture " + o.name + (o.forwards ? " forward " + dump(o.words) : " run " + quoted(o.command.text));
  }
  std::string operator()(const op::Enter& o) const { return "enter to " + std::to_string(o.end); }
  std::string operator()(const op::Leave&) const { return "leave"; }
  std::string operator()(const op::PassBy& o) const { return "pass by " + std::to_string(o.recipes.size()) + " simple recipes"; }
};

}  // namespace

std::string dump(const Program& program) {
  std::string out;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const Instruction& instruction = program.instructions[i];
    std::string number = std::to_string(i);
    number.insert(0, number.size() < 4 ? 4 - number.size() : 0, ' ');
    out += number + "  " + std::to_string(instruction.where.line) + ':' + std::to_string(instruction.where.column) + "  " +
           std::visit(Describe{}, instruction.what) + '\n';
  }
  return out;
}

}  // namespace rules
