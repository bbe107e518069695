// Passes by simple recipes that cannot apply, and has the others compiled (simple_recipe.h).
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "rules/compiler.h"
#include "rules/interpreter.h"
#include "rules/limits.h"
#include "rules/regex/prefilter.h"

namespace rules {

// Passing by a recipe without A, a, E and e leaves behind that it did not apply, and nothing else, unless somebody wants
// to hear about it.
Interpreter::Next Interpreter::pass_by(const op::PassBy& op) {
  const std::shared_ptr<const Program> program = s_.frames.back().program;
  const bool read_all = verbose() || observes_all_ || line_limit() != kMaxLine;
  std::size_t& passed = s_.frames.back().passed;
  while (passed < op.recipes.size()) {
    const SimpleRecipe& recipe = op.recipes[passed];
    if (read_all || !surely_passes(recipe, *program->text)) {
      // This instruction again when the recipe is done.
      ++passed;
      --s_.frames.back().next;
      const std::string_view file = *program->text;
      read_recipe(recipe, read_all ? std::string(file.substr(recipe.begin, recipe.end + 1 - recipe.begin)) : undecided_part(recipe, file));
      return Next::GoOn;
    }
    ++passed;
    s_.header_joined |= recipe.search_header;
    s_.chain = {};
    s_.last_score = 0;
  }
  passed = 0;
  return Next::GoOn;
}

// Whether one of its conditions cannot hold, while none before it does more than hold or not.
bool Interpreter::surely_passes(const SimpleRecipe& recipe, std::string_view file) {
  const SearchText& text = *message_text(recipe.search_header, recipe.search_body);
  std::string_view lines = recipe.condition_lines(file);
  while (const auto condition = take_condition(lines)) {
    const Glance seen = glance(condition->pattern, text.trigrams());
    if (seen == Glance::Unsure) return false;
    if (seen == Glance::CannotMatch && !condition->negated) return true;
    if (seen == Glance::MayMatch && condition->pattern.find("\\/") != std::string_view::npos) return false;
  }
  return false;
}

// Its text, without the conditions that surely hold, because nobody asks for them.
std::string Interpreter::undecided_part(const SimpleRecipe& recipe, std::string_view file) {
  const SearchText& text = *message_text(recipe.search_header, recipe.search_body);
  std::string left(recipe.head_line(file));
  std::string_view lines = recipe.condition_lines(file);
  while (const auto condition = take_condition(lines))
    if (!condition->negated || glance(condition->pattern, text.trigrams()) != Glance::CannotMatch) left += condition->line;
  left += recipe.action_line(file);
  return left;
}

// The recipe's own program runs as a file within the file.
void Interpreter::read_recipe(const SimpleRecipe& recipe, std::string text) {
  const Frame& file = s_.frames.back();
  const Source source(file.program->name, std::move(text), recipe.line);
  s_.frames.push_back({compile(source).program, file.path, 0, 0});
}

}  // namespace rules
