// Values that are read otherwise than a shell would, or are none.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/value_checks.h"

#include <algorithm>

#include "filter/tools/lint/expansions.h"
#include "filter/tools/lint/names.h"
#include "rules/quote.h"
#include "rules/word_reader.h"

namespace filter::tools::lint {
namespace {

using rules::Piece;
using Use = ExpansionView::Use;

// Where "~" or "~name" begins a path: at the start, or behind the ':' of a list of paths.
std::optional<std::size_t> tilde_in(std::string_view text, bool is_list) {
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at > 0 && !(is_list && text[at - 1] == ':')) continue;
    std::size_t end = at + 1;
    while (end < text.size() && rules::is_name_char(text[end])) ++end;
    if (end < text.size() && text[end] == '/') return at;
  }
  return std::nullopt;
}

bool only(std::string_view text, std::string_view bytes) {
  return text.find_first_not_of(bytes) == std::string_view::npos;
}

}  // namespace

void check_tilde(const Look& look, Report& report) {
  for_each_expansion(look.file, [&](const ExpansionView& view) {
    if (view.use == Use::Condition || view.use == Use::Forward) return;
    if (view.assignment && view.assignment->name == "TRAP") return;  // a shell reads that one
    bool starts = true;
    for (const Piece& piece : view.expansion->pieces) {
      const auto at = piece.kind == Piece::Kind::Text ? tilde_in(piece.text, view.use == Use::Value) : std::nullopt;
      if (at && (starts || *at > 0)) {
        report.add(place_of(*look.file.source, view.where, "~"),
                   "'~' is no home directory here, but a character of the name: write $HOME/");
        return;
      }
      starts = piece.kind == Piece::Kind::Break;
    }
  });
}

void check_stray_word(const Look& look, Report& report) {
  unsigned last_line = 0;
  for (const AssignmentView& view : look.file.assignments) {
    const std::string& name = view.assignment->name;
    if (view.assignment->value || is_known_variable(name) || view.where.line == last_line) continue;
    const std::string_view line = look.file.source->line(view.where.line);
    const std::string_view before = line.substr(0, view.where.column - 1);
    std::string_view after = line.substr(std::min(line.size(), view.where.column - 1 + name.size()));
    after = after.substr(0, after.find('#'));
    const bool alone = only(before, " \t{}") && only(after, " \t\r}");
    if (alone && look.set_somewhere.contains(name)) continue;
    last_line = view.where.line;
    report.add(view.where,
               "the word \"" + name + "\" unsets the variable " + name +
                   (only(before, " \t{}") ? ": an assignment is NAME=value, a comment begins with '#', and a folder's "
                                            "name needs a recipe, ':0:', above it"
                                          : ": a value with blanks in it needs quotes, NAME=\"two words\""));
  }
}

void check_blank_in_default(const Look& look, Report& report) {
  for_each_expansion(look.file, [&](const ExpansionView& view) {
    if (view.use != Use::Value) return;
    bool open = false;
    for_each_piece(view.expansion->pieces,
                   [&](const Piece& piece) { open |= piece.kind == Piece::Kind::Default && !piece.closed; });
    if (open)
      report.add(place_of(*look.file.source, view.where, "${"),
                 "the value ends at the blank within the braces, and what is behind it is "
                 "skipped: put the value in double quotes, NAME=\"${OTHER:-two words}\"");
  });
}

void check_shell_substitution(const Look& look, Report& report) {
  for_each_expansion(look.file, [&](const ExpansionView& view) {
    if (view.use != Use::Value && view.use != Use::Folder) return;
    if (view.assignment && view.assignment->name == "TRAP") return;
    const rules::Position at = place_of(*look.file.source, view.where, "$(");
    if (at.line == view.where.line && at.column == view.where.column) return;
    const bool in_text =
        std::any_of(view.expansion->pieces.begin(), view.expansion->pieces.end(), [](const Piece& piece) {
          return piece.kind == Piece::Kind::Text && piece.text.find("$(") != std::string::npos;
        });
    const std::string_view line = look.file.source->line(at.line);
    const bool single_quoted = std::count(line.begin(), line.begin() + at.column, '\'') % 2 != 0;
    if (in_text && !single_quoted)
      report.add(
          at, "\"$(\" is plain text here: for a program's output write `program`, and have it count with `expr ...`");
  });
}

void check_argument_digits(const Look& look, Report& report) {
  for_each_expansion(look.file, [&](const ExpansionView& view) {
    const auto& pieces = view.expansion->pieces;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
      const bool digits = pieces[i].kind == Piece::Kind::Positional && pieces[i + 1].kind == Piece::Kind::Text &&
                          !pieces[i + 1].text.empty() && rules::is_digit(pieces[i + 1].text[0]);
      const std::string written = "$" + pieces[i].text + (digits ? pieces[i + 1].text.substr(0, 1) : "");
      if (!digits || look.file.source->text().find(written) == std::string_view::npos) continue;
      report.add(place_of(*look.file.source, view.where, written),
                 "\"" + written + "\" is $" + pieces[i].text + " and the digit " + pieces[i + 1].text.substr(0, 1) +
                     ": arguments beyond the ninth are reached by SHIFT=1");
    }
  });
}

namespace {

struct VariableUse {
  std::string name;
  rules::Position where;
};

std::vector<VariableUse> uses_of(const Model& model) {
  std::vector<VariableUse> uses;
  for_each_expansion(model, [&](const ExpansionView& view) {
    for_each_piece(view.expansion->pieces, [&](const Piece& piece) {
      if (piece.kind != Piece::Kind::Variable && piece.kind != Piece::Kind::Escaped) return;
      if (!rules::is_name_start(piece.text[0])) return;
      uses.push_back({piece.text, view.where});
    });
  });
  for (const ConditionView& view : model.conditions)
    if (view.tree->condition.area == rules::Condition::Area::Variable)
      uses.push_back({view.tree->condition.variable, view.tree->where});
  return uses;
}

}  // namespace

void check_unset_variable(const Look& look, Report& report) {
  if (!look.all_is_read) return;
  std::set<std::string> told;
  for (const VariableUse& use : uses_of(look.file)) {
    const bool known = is_known_variable(use.name) || use.name == "MATCH" || look.set_somewhere.contains(use.name);
    if (known || !told.insert(use.name).second) continue;
    const char* hint =
        use.name == "USER" ? ": the user's name is in LOGNAME" : ": set it before it is used, or correct its name";
    report.add(place_of(*look.file.source, use.where, use.name),
               "nothing in these files sets the variable " + use.name + ", so that it is empty" + hint);
  }
}

}  // namespace filter::tools::lint
