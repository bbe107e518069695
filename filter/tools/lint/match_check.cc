// Follows MATCH into names of folders and into addresses: a sender chose its bytes.
// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "filter/tools/lint/pattern_sets.h"
#include "filter/tools/lint/value_checks.h"

namespace filter::tools::lint {
namespace {

using rules::Piece;

bool has(const Bytes& bytes, char c) { return bytes[static_cast<unsigned char>(c)]; }

class MatchWalk {
 public:
  MatchWalk(const Look& look, Report& report) : look_(look), report_(report) {}
  void run();

 private:
  const MatchBytes* bytes_of(const Piece& piece) const;
  void take(const AssignmentView& view);
  void take(const RecipeView& view);
  void look_at_folder(const rules::Position& where, const rules::Expansion& words);
  void look_at_addresses(const rules::Position& where, const rules::Expansion& words);
  std::string danger_in_folder(std::span<const Piece> word, std::size_t i, const MatchBytes& bytes) const;

  const Look& look_;
  Report& report_;
  std::size_t condition_ = 0;                  // the next one that is not read yet
  std::map<std::string, MatchBytes> foreign_;  // MATCH, and what was made of it
};

void MatchWalk::run() {
  for (const Step& step : look_.file.steps) {
    if (step.kind == Step::Kind::Assignment) {
      take(look_.file.assignments[step.index]);
      continue;
    }
    for (; condition_ < look_.file.conditions.size() && look_.file.conditions[condition_].recipe <= step.index;
         ++condition_) {
      const auto& regexp = look_.file.conditions[condition_].regexp;
      if (const auto bytes = regexp ? match_bytes(regexp->text) : std::nullopt)
        foreign_.insert_or_assign("MATCH", *bytes);
    }
    take(look_.file.recipes[step.index]);
  }
}

const MatchBytes* MatchWalk::bytes_of(const Piece& piece) const {
  if (piece.kind != Piece::Kind::Variable && piece.kind != Piece::Kind::Default) return nullptr;
  const auto found = foreign_.find(piece.text);
  return found == foreign_.end() ? nullptr : &found->second;
}

void MatchWalk::take(const AssignmentView& view) {
  const rules::Assignment& assignment = *view.assignment;
  const MatchBytes* made_of = nullptr;
  if (assignment.value)
    for (const Piece& piece : assignment.value->pieces)
      if (const MatchBytes* bytes = bytes_of(piece)) made_of = bytes;
  if (!made_of) {
    foreign_.erase(assignment.name);
    return;
  }
  static constexpr std::string_view kPaths[] = {"MAILDIR",   "DEFAULT",  "ORGMAIL", "LOGFILE",
                                                "INCLUDERC", "SWITCHRC", "LOCKFILE"};
  for (const std::string_view path : kPaths)
    if (assignment.name == path) look_at_folder(view.where, *assignment.value);
  foreign_.insert_or_assign(assignment.name, MatchBytes(*made_of));
}

void MatchWalk::take(const RecipeView& view) {
  const rules::Action& action = view.recipe->action;
  if (const auto* folder = std::get_if<rules::FolderAction>(&action))
    look_at_folder(view.recipe->action_at, folder->words);
  if (const auto* forward = std::get_if<rules::ForwardAction>(&action))
    look_at_addresses(view.recipe->action_at, forward->words);
  if (const auto* capture = std::get_if<rules::CaptureAction>(&action)) foreign_.erase(capture->name);
}

// What the sender could do with this piece of the word; empty: nothing.
std::string MatchWalk::danger_in_folder(std::span<const Piece> word, std::size_t i, const MatchBytes& bytes) const {
  if (has(bytes.any, '/')) return "'/'";
  if (!word[i].quoted && (has(bytes.any, ' ') || has(bytes.any, '\t'))) return "a blank, which ends the name";
  const bool begins = i == 0 || (word[i - 1].kind == Piece::Kind::Text && word[i - 1].text.ends_with('/'));
  const bool ends =
      i + 1 == word.size() || (word[i + 1].kind == Piece::Kind::Text && word[i + 1].text.starts_with('/'));
  if (begins && ends && has(bytes.first, '.') && has(bytes.any, '.')) return "\"..\"";
  return {};
}

void MatchWalk::look_at_folder(const rules::Position& where, const rules::Expansion& words) {
  for (const auto& word : words_of(words))
    for (std::size_t i = 0; i < word.size(); ++i) {
      const MatchBytes* bytes = bytes_of(word[i]);
      const std::string danger = bytes ? danger_in_folder(word, i, *bytes) : std::string();
      if (danger.empty()) continue;
      report_.add(place_of(*look_.file.source, where, word[i].text),
                  "the sender chose what is in " + word[i].text + ", and it may hold " + danger +
                      ": let '\\/' be followed by no more than letters, digits, '-' and '_', as in \\/[a-z0-9_-]+");
      return;
    }
}

void MatchWalk::look_at_addresses(const rules::Position& where, const rules::Expansion& words) {
  for (const auto& word : words_of(words))
    for (std::size_t i = 0; i < word.size(); ++i) {
      const MatchBytes* bytes = bytes_of(word[i]);
      if (!bytes) continue;
      const bool option = i == 0 && has(bytes->first, '-');
      const bool blank = !word[i].quoted && (has(bytes->any, ' ') || has(bytes->any, '\t'));
      if (!option && !blank) continue;
      report_.add(place_of(*look_.file.source, where, word[i].text),
                  "the sender chose what is in " + word[i].text + ", and it may " +
                      (blank ? "be several words" : "begin with '-'") +
                      ", and thus be an option of sendmail or more addresses: let '\\/' be followed by "
                      "no more than an address may hold, as in \\/[a-z0-9][a-z0-9_.-]*@example\\.org");
      return;
    }
}

}  // namespace

void check_unsafe_match(const Look& look, Report& report) { MatchWalk(look, report).run(); }

}  // namespace filter::tools::lint
