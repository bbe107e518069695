// Reads the silencing comments, and to which lines each belongs.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/ignore.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "filter/tools/lint/lint.h"

namespace filter::tools::lint {
namespace {

constexpr std::string_view kMark = "# sluice: ignore";

struct Ignore {
  std::string_view check;
  unsigned first = 0;
  unsigned last = 0;
  rules::Position where;
};

bool is_comment_or_empty(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  return begin == std::string_view::npos || line[begin] == '#';
}

unsigned count_lines(const rules::Source& source) {
  return static_cast<unsigned>(std::count(source.text().begin(), source.text().end(), '\n')) + 1;
}

// The last line of what begins in this line: of a recipe, where its action begins.
unsigned end_of(const Model& model, unsigned line) {
  for (const RecipeView& view : model.recipes)
    if (view.where.line == line) return std::max(line, view.recipe->action_at.line);
  return line;
}

// The lines that a comment in `line` speaks of.
std::pair<unsigned, unsigned> lines_of(const Model& model, unsigned line, unsigned lines, unsigned first_statement) {
  const rules::Source& source = *model.source;
  if (!is_comment_or_empty(source.line(line))) return {line, end_of(model, line)};
  unsigned next = line + 1;
  bool gap = false;
  for (; next <= lines && is_comment_or_empty(source.line(next)); ++next)
    gap |= source.line(next).find('#') == std::string_view::npos;
  if (next >= first_statement && line < first_statement && gap) return {1, std::numeric_limits<unsigned>::max()};
  return {line, end_of(model, next)};
}

std::vector<Ignore> read_ignores(const Model& model) {
  std::vector<Ignore> ignores;
  const rules::Source& source = *model.source;
  if (source.text().find(kMark) == std::string_view::npos) return ignores;
  const unsigned lines = count_lines(source);
  unsigned first_statement = 1;
  while (first_statement <= lines && is_comment_or_empty(source.line(first_statement))) ++first_statement;
  for (unsigned number = 1; number <= lines; ++number) {
    const std::string_view line = source.line(number);
    const std::size_t mark = line.find(kMark);
    if (mark == std::string_view::npos) continue;
    const auto [first, last] = lines_of(model, number, lines, first_statement);
    constexpr std::string_view kBetween = " \t\r,:";
    for (std::size_t at = mark + kMark.size(); (at = line.find_first_not_of(kBetween, at)) != std::string_view::npos;) {
      const std::size_t end = std::min(line.find_first_of(kBetween, at), line.size());
      ignores.push_back(
          {line.substr(at, end - at), first, last, {source.name(), number, static_cast<unsigned>(at) + 1}});
      at = end;
    }
  }
  return ignores;
}

}  // namespace

void apply_ignores(const Model& model, std::vector<rules::Diagnostic>& found) {
  const auto ignores = read_ignores(model);
  std::erase_if(found, [&](const rules::Diagnostic& diagnostic) {
    return std::any_of(ignores.begin(), ignores.end(), [&](const Ignore& ignore) {
      return ignore.check == diagnostic.check && diagnostic.where.line >= ignore.first &&
             diagnostic.where.line <= ignore.last;
    });
  });
  for (const Ignore& ignore : ignores)
    if (!find_check(ignore.check))
      found.push_back({rules::Severity::Warning, ignore.where, "unknown-check",
                       "there is no check \"" + std::string(ignore.check) +
                           "\" to be ignored; sluice-checks(7) lists their names"});
}

}  // namespace filter::tools::lint
