// Recipes of the plainest form, found in a rule file's text and left unread until a message may match them.
// SPDX-License-Identifier: Apache-2.0
//
//   :0 flags: lock           flags without A a E e; the lock file's name one plain word, or none
//   * ! pattern              at least one condition, all of them patterns, on the header, the body or both
//   folder                   one plain word, `| program` or `! addresses`, on one line
//
// Long lists of such recipes are common, and a message passes by nearly all of them: to read one as a whole costs many
// times what it costs to see that its pattern cannot match. So simple_recipe_at() says yes only where reading the recipe
// would log nothing, and where all that passing it by does is known.
//
//   if (auto recipe = simple_recipe_at(text, at)) {
//     std::string_view lines = recipe->condition_lines(text);
//     while (auto condition = take_condition(lines)) …  condition->pattern, condition->negated
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rules {

// Offsets are of the rule file's text, which is below 4 GiB (kMaxRuleFile).
struct SimpleRecipe {
  std::uint32_t begin = 0;        // of its line
  std::uint32_t conditions = 0;   // of the first condition's line
  std::uint32_t action = 0;       // of the action's line
  std::uint32_t end = 0;          // the LF behind the action
  std::uint32_t line = 0;         // of its first line; for the finder to fill in
  bool search_header = true;
  bool search_body = false;

  std::string_view condition_lines(std::string_view text) const { return text.substr(conditions, action - conditions); }
  std::string_view head_line(std::string_view text) const { return text.substr(begin, conditions - begin); }
  std::string_view action_line(std::string_view text) const { return text.substr(action, end + 1 - action); }
};

struct SimpleCondition {
  std::string_view pattern;
  bool negated = false;
  std::string_view line;          // all of it, with its LF
};

// The recipe whose ':' stands at `at`, if it is a simple one and nothing but blanks stands before it in its line.
std::optional<SimpleRecipe> simple_recipe_at(std::string_view text, std::size_t at);

// Takes the next line off the lines of a simple recipe's conditions; nothing if there is none.
std::optional<SimpleCondition> take_condition(std::string_view& lines);

}  // namespace rules
