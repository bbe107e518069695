// A match program: an rc file as a flat list of instructions, ready to be run many times. Data only.
// SPDX-License-Identifier: Apache-2.0
//
//    0  3:1   begin search-body
//    1  4:3   test regexp "^hello"
//    2  3:1   decide else 4
//    3  5:1   deliver "box"
//
// A recipe is begin, its tests, decide, and its action; a block's instructions stand between enter and leave.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/command.h"
#include "rules/condition.h"
#include "rules/expansion.h"
#include "rules/head.h"
#include "rules/regex/pattern.h"
#include "rules/simple_recipe.h"
#include "rules/trace.h"

namespace rules {

namespace op {
struct Assign {                        // name=value; without a value the name is unset
  std::string name;
  std::optional<Expansion> value;
};
struct Say {                           // a diagnostic, when it is come by: also in a block that is skipped
  std::string text;
  bool when_skipped = true;
};
struct Begin {                         // a recipe starts
  std::optional<Head> head;            // nothing: variables make it, see words
  Expansion words;
};
struct Test {                          // one condition
  Condition condition;
  std::optional<Pattern> pattern;      // of a Regexp whose recipe's flags are known
};
struct Decide {                        // the conditions are through: act, or go on elsewhere
  std::size_t otherwise = 0;
};
struct Deliver {
  Expansion words;
};
struct Forward {
  Expansion words;
};
struct RunProgram {
  Command command;
};
struct Capture {
  std::string name;
  Command command;
  Expansion words;
  bool forwards = false;
};
struct Enter {                         // a block starts; it ends before `end`
  std::size_t end = 0;
};
struct Leave {};
struct PassBy {                        // recipes that are compiled only where a message may match them
  std::vector<SimpleRecipe> recipes;   // of Program::text
};
}  // namespace op

using Operation = std::variant<op::Assign, op::Say, op::Begin, op::Test, op::Decide, op::Deliver, op::Forward, op::RunProgram,
                               op::Capture, op::Enter, op::Leave, op::PassBy>;

struct Instruction {
  Position where;
  Operation what;
};

struct Program {
  std::string name;                    // the rc file's, as $_ says it
  std::vector<Instruction> instructions;
  std::shared_ptr<const std::string> text;   // the file's, for PassBy
};

std::string dump(const Program& program);

}  // namespace rules
