// The table of all checks, and the walk over a set of files.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/lint.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "filter/tools/lint/ignore.h"
#include "filter/tools/lint/order_checks.h"
#include "filter/tools/lint/pattern_checks.h"
#include "filter/tools/lint/recipe_checks.h"
#include "filter/tools/lint/value_checks.h"

namespace filter::tools::lint {
namespace {

using enum rules::Severity;

// By name. Each has a section in sluice-checks(7).
constexpr Check kChecks[] = {
    {"argument-digits", Warning, "$10 is $1 and the digit 0", check_argument_digits},
    {"bad-substitution", Error, "${NAME...} with an operator that there is not", nullptr},
    {"blank-in-default", Error, "an unquoted blank within ${NAME:-...} ends the value", check_blank_in_default},
    {"comment-in-condition", Warning, "a comment behind a condition is searched for", check_comment_in_condition},
    {"crlf", Error, "lines end in CR LF, and the CR counts", nullptr},
    {"dollar-quotes", Warning, "a quote in a '$' condition is dropped", check_dollar_quotes},
    {"duplicate-recipe", Warning, "the same recipe twice", check_duplicate_recipe},
    {"empty-folder", Error, "a folder without a name", nullptr},
    {"host-trap", Warning, "HOST ends the rules, and the message is lost", check_host_trap},
    {"incomplete-recipe", Error, "the file ends before the recipe's action", nullptr},
    {"invalid-regexp", Error, "an expression whose parentheses do not match", nullptr},
    {"letter-o", Error, "a recipe begins with the letter O instead of 0", nullptr},
    {"lost-backslash", Warning, "the first backslash of a condition is dropped", check_lost_backslash},
    {"maildir-lock", Warning, "a lock on a Maildir", check_maildir_lock},
    {"missing-action", Error, "a recipe without an action", nullptr},
    {"missing-brace", Error, "a block that is never closed", nullptr},
    {"missing-dollar", Warning, "a variable in a condition that does not begin with '$'", check_missing_dollar},
    {"missing-star", Warning, "a condition without its '*' is taken as a folder", nullptr},
    {"nesting", Error, "too many blocks or braces within each other", nullptr},
    {"no-lock", Warning, "an mbox folder without a lock", check_no_lock},
    {"odd-folder", Warning, "an action that is taken as a folder's name", check_odd_folder},
    {"perl-regexp", Warning, "an operator of other regular expressions", check_perl_regexp},
    {"quantifier-before-match", Warning, "a quantifier before '\\/' takes as little as it can",
     check_quantifier_before_match},
    {"shell-substitution", Warning, "$(...) is plain text", check_shell_substitution},
    {"size-number", Error, "a size condition without a number", check_size_number},
    {"skipped", Error, "a line that is no statement", nullptr},
    {"skipped-flags", Error, "an unknown flag, or more than one lock file", nullptr},
    {"stray-word", Warning, "a word that unsets a variable", check_stray_word},
    {"tilde", Warning, "'~/' is no home directory", check_tilde},
    {"to-macro", Warning, "^TO swallows the name of a field", check_to_macro},
    {"unescaped-dot", Warning, "a dot in a host's name stands for any character", check_unescaped_dot},
    {"unexpected-brace", Error, "a '}' that closes no block", nullptr},
    {"unexpected-eol", Error, "a quote that is never closed", nullptr},
    {"unknown-check", Warning, "a comment silences a check that there is not", nullptr},
    {"unreachable", Warning, "a recipe behind one that takes every message", check_unreachable},
    {"unreadable-include", Warning, "an included file that cannot be read", nullptr},
    {"unsafe-file", Warning, "a rule file that others may write", nullptr},
    {"unsafe-match", Warning, "MATCH in a folder's name or an address", check_unsafe_match},
    {"unset-variable", Warning, "a variable that nothing sets", check_unset_variable},
    {"unwatched-filter", Warning, "a filter whose failure is not seen", check_unwatched_filter},
    {"unwatched-program", Warning, "a program whose failure is not seen", check_unwatched_program},
    {"useless-flags", Warning, "flags or a lock without an effect", check_useless_flags},
};

// What all the files set.
std::set<std::string> all_set(const std::vector<Model>& models) {
  std::set<std::string> names;
  for (const Model& model : models) {
    for (const AssignmentView& view : model.assignments)
      if (view.assignment->value) names.insert(view.assignment->name);
    for (const RecipeView& view : model.recipes)
      if (const auto* capture = std::get_if<rules::CaptureAction>(&view.recipe->action)) names.insert(capture->name);
  }
  return names;
}

// In the file's order; one of a kind on a line. What follows from a value that ended too early, or from flags that were
// skipped with the lock behind them, only hides that.
void tidy(std::vector<rules::Diagnostic>& found) {
  std::set<unsigned> ended_early;
  std::set<unsigned> lost_flags;
  for (const rules::Diagnostic& diagnostic : found) {
    if (diagnostic.check == "blank-in-default") ended_early.insert(diagnostic.where.line);
    if (diagnostic.check == "skipped-flags") lost_flags.insert(diagnostic.where.line);
  }
  std::erase_if(found, [&](const rules::Diagnostic& d) {
    const bool follows = d.check == "skipped" || d.check == "unexpected-brace" || d.check == "stray-word";
    return (follows && ended_early.contains(d.where.line)) ||
           (d.check == "no-lock" && lost_flags.contains(d.where.line));
  });
  std::stable_sort(found.begin(), found.end(), [](const rules::Diagnostic& a, const rules::Diagnostic& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  std::set<std::pair<unsigned, std::string>> told;
  std::erase_if(found, [&](const rules::Diagnostic& d) { return !told.emplace(d.where.line, d.check).second; });
}

}  // namespace

std::span<const Check> checks() { return kChecks; }

const Check* find_check(std::string_view name) {
  const auto* found = std::lower_bound(std::begin(kChecks), std::end(kChecks), name,
                                       [](const Check& check, std::string_view wanted) { return check.name < wanted; });
  return found != std::end(kChecks) && found->name == name ? found : nullptr;
}

void look_over(std::span<const Subject> files, bool all_is_read, const World& world) {
  std::vector<Model> models;
  for (const Subject& subject : files) models.push_back(lay_out(*subject.source, *subject.script, world));
  const auto set_somewhere = all_set(models);
  for (std::size_t i = 0; i < models.size(); ++i) {
    auto& found = *files[i].found;
    for (const Check& check : kChecks) {
      Report report(check.name, check.severity, found);
      if (check.look) check.look({models[i], set_somewhere, all_is_read}, report);
    }
    tidy(found);
    apply_ignores(models[i], found);
  }
}

}  // namespace filter::tools::lint
