// What a recipe's first line and its action do not say together.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/recipe_checks.h"

#include "rules/quote.h"
#include "rules/word_reader.h"

namespace filter::tools::lint {
namespace {

template <class Action>
const Action* action_of(const RecipeView& view) {
  return std::get_if<Action>(&view.recipe->action);
}

bool is_output(const rules::ProgramAction& action) {
  return action.command.text.find_first_not_of(" \t\n") == std::string::npos;
}

// A fault in it loses the message: not a copy, and nobody waits for it.
bool is_unwatched(const RecipeView& view) {
  return view.head_is_known && view.head.wait == rules::Wait::No && !view.head.locks;
}

std::string first_line_of(const rules::Source& source, const rules::Position& where) {
  const std::string_view line = source.line(where.line).substr(where.column - 1);
  return std::string(line.substr(0, line.find_last_not_of(" \t\r") + 1));
}

// What was meant by an action that is a folder only because it is nothing else; nullptr: a folder.
const char* meant_instead(const std::string& line) {
  if (line.starts_with('{')) return "a block starts with '{' and a blank or the line's end, and to do nothing is '{ }'";
  if (line.starts_with(":0") || line.starts_with('}')) return "the recipe above has no action; give it one";
  std::size_t name = 0;
  while (name < line.size() && rules::is_name_char(line[name])) ++name;
  const std::size_t sign = line.find_first_not_of(" \t", name);
  const bool assigns = name > 0 && rules::is_name_start(line[0]) && sign != std::string::npos && line[sign] == '=';
  if (!assigns || line.find('/') != std::string::npos) return nullptr;
  return sign == name ? "an assignment that depends on conditions stands in a block, '{ NAME=value }'"
                      : "NAME=| program has no blank before its '='";
}

}  // namespace

void check_no_lock(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    const bool is_mbox = action_of<rules::FolderAction>(view) && view.folder == FolderKind::Mbox;
    if (!is_mbox || !view.head_is_known || view.head.locks || view.under_lock) continue;
    const std::string line = first_line_of(*look.file.source, view.recipe->action_at);
    if (meant_instead(line) || line.starts_with('^')) continue;  // nobody wants that folder
    report.add(view.where, rules::quoted_in_short(line) +
                               " is an mbox file, unless it is a directory, and two deliveries at a time may mix their "
                               "messages in it: lock it with a second colon, as in ':0:' (a folder whose name ends in "
                               "'/' is a Maildir and needs none)");
  }
}

void check_maildir_lock(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    if (!action_of<rules::FolderAction>(view) || view.folder != FolderKind::Maildir || !view.head.locks) continue;
    report.add(view.where,
               "a Maildir needs no lock, and other programs do not look at it; where the Maildir is missing, "
               "procmail waits a minute for the lock: leave out the second colon and what stands behind it");
  }
}

void check_unwatched_program(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    const auto* program = action_of<rules::ProgramAction>(view);
    if (!program || is_output(*program) || !is_unwatched(view)) continue;
    if (view.head.filter || view.head.copy || view.in_copy) continue;
    report.add(view.where,
               "nobody looks at this program's exit status: if it fails, the message is gone. With the flag w, "
               "as in ':0 w', a failure lets the next recipe run");
  }
}

void check_unwatched_filter(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    if (!action_of<rules::ProgramAction>(view) || !view.head.filter || !is_unwatched(view)) continue;
    report.add(view.where,
               "if this filter fails, what it wrote until then, or nothing, becomes the message. With the flag w, "
               "as in ':0 fw', the message stays as it was");
  }
}

void check_useless_flags(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    const rules::Head& head = view.head;
    std::string flags;
    const auto useless = [&flags](bool set, const char* flag) {
      if (set) flags += (flags.empty() ? "" : ", ") + std::string(flag);
    };
    const bool block = action_of<rules::Block>(view);
    const bool program = action_of<rules::ProgramAction>(view);
    const bool capture = action_of<rules::CaptureAction>(view);
    const bool output = program && is_output(*action_of<rules::ProgramAction>(view));
    useless(head.filter && !program && !action_of<rules::NoAction>(view), "f");
    useless(head.copy && (capture || (head.filter && program && !output)), "c");
    useless(block && head.feed_header, "h");
    useless(block && head.feed_body, "b");
    useless(block && head.ignore_errors, "i");
    useless(block && head.raw, "r");
    useless(block && head.locks && !head.copy, "the lock");
    if (flags.empty()) continue;
    const char* where = block     ? " of a block: write it at the recipes within"
                        : capture ? " when output goes to a variable"
                        : program ? " of a filter, whose output is the message from then on"
                                  : " of this action: only programs filter";
    report.add(view.where, flags + (flags.find(',') == std::string::npos ? " has" : " have") +
                               " no effect at the first line" + where);
  }
}

void check_odd_folder(const Look& look, Report& report) {
  for (const RecipeView& view : look.file.recipes) {
    if (!action_of<rules::FolderAction>(view)) continue;
    const std::string line = first_line_of(*look.file.source, view.recipe->action_at);
    if (look.file.source->line(view.recipe->action_at.line).ends_with('\r')) continue;  // "crlf" is told
    if (const char* hint = meant_instead(line))
      report.add(view.recipe->action_at, rules::quoted_in_short(line) + " is taken as a folder's name: " + hint);
  }
}

}  // namespace filter::tools::lint
