// Sentences: the order a recipe stands in, its messages, its action, and whether the rules go on.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain/recipe_words.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "filter/tools/explain/condition_words.h"
#include "filter/tools/explain/pattern_words.h"
#include "rules/head.h"
#include "rules/quote.h"

namespace filter::tools {
namespace {

using rules::Head;
using rules::Piece;

std::string spelled(const Piece& piece, const KnownValues& known) {
  const std::string* value = known.find(piece.text);
  switch (piece.kind) {
    case Piece::Kind::Text:
      return piece.text;
    case Piece::Kind::Break:
      return " ";
    case Piece::Kind::Variable:
      return value ? *value : "$" + piece.text;
    case Piece::Kind::Escaped:
      return value ? *value : "$\\" + piece.text;
    case Piece::Kind::Positional:
    case Piece::Kind::Special:
      return "$" + piece.text;
    case Piece::Kind::AllArguments:
      return "$@";
    case Piece::Kind::Backquote:
      return "`" + piece.text + "`";
    case Piece::Kind::BadSubstitution:
      return {};
    case Piece::Kind::Default:
      break;
  }
  if (value && !value->empty() && !piece.when_set) return *value;
  return "${" + piece.text + (piece.when_empty ? ":" : "") + (piece.when_set ? "+" : "-") +
         filter::tools::spelled(piece.other, known) + "}";
}

std::string parts(const Head& head) {
  return head.sends_header() && head.sends_body() ? "" : head.sends_header() ? "the header " : "the body ";
}

std::string folder_name(std::string name) {
  if (name.ends_with("/.")) name.resize(name.size() - 2);
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return plain_or_quoted(name);
}

std::string folder_deed(const rules::Expansion& words, const Head& head, const KnownValues& known) {
  std::vector<std::string> names;
  for (const auto& word : words_of(words)) names.push_back(spelled(word, known));
  if (names.empty()) return "deliver to a folder without a name, which fails";
  if (names.size() == 1 && names[0] == "/dev/null") return "discard";
  const std::string what = !head.copy ? parts(head) : parts(head).empty() ? "a copy " : "a copy of " + parts(head);
  const std::string put = what.empty() ? "put " : "put " + what;
  if (names.size() > 1) {
    std::vector<std::string> folders;
    for (const std::string& name : names) folders.push_back(folder_name(name));
    return put + "into the folders " + listed(folders);
  }
  const std::string& name = names[0];
  const bool ends_open = name.ends_with('}') || words_of(words)[0].back().kind != Piece::Kind::Text;
  if (name.ends_with("/.")) return put + "into the MH folder " + folder_name(name);
  if (name.ends_with('/')) return put + "into the Maildir " + folder_name(name);
  if (ends_open && known.value(words_of(words)[0]) == std::nullopt)
    return put + "into the folder " + plain_or_quoted(name);
  return (what.empty() ? "append to " : "append " + what + "to ") + "the mbox file " + plain_or_quoted(name);
}

std::string lock_of(const Head& head, bool folder) {
  if (!head.locks) return {};
  return head.lock.empty() ? folder ? ", locked" : ", under a lock"
                           : ", under the lock " + plain_or_quoted(head.lock.text());
}

// A program's line, without what joins it to the next ones.
std::string on_one_line(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\n";
  std::string line;
  for (std::size_t at = text.find_first_not_of(kBlanks); at < text.size(); ++at) {
    const bool joins = text.compare(at, 2, "\\\n") == 0;
    if (!joins && text[at] != '\n') {
      line += text[at];
      continue;
    }
    at = std::min(text.find_first_not_of(kBlanks, at + (joins ? 2 : 1)), text.size()) - 1;
    if (!line.empty() && line.back() != ' ') line += ' ';
  }
  return line.substr(0, line.find_last_not_of(kBlanks) + 1);
}

bool waits(const Head& head) { return head.wait != rules::Wait::No || head.locks; }

struct Deed {
  const Head& head;
  const KnownValues& known;

  // Behind an action that delivers: whether the rules go on.
  std::string and_then(bool may_fail) const {
    if (head.copy) return ", and go on";
    return std::string(", and stop") + (may_fail ? "; if that fails, go on" : "");
  }
  std::string operator()(const rules::FolderAction& a) const {
    return folder_deed(a.words, head, known) + lock_of(head, true) + and_then(false);
  }
  std::string operator()(const rules::ForwardAction& a) const {
    std::vector<std::string> to;
    for (const auto& word : words_of(a.words)) to.push_back(spelled(word, known));
    const bool has_options = std::ranges::any_of(to, [](const std::string& word) { return word.starts_with('-'); });
    std::string words;
    for (const std::string& word : to) words += (words.empty() ? "" : " ") + word;
    return (head.copy ? "send a copy on " : "send on ") +
           (has_options ? "by sendmail with the words `" + words + "`" : "to " + listed(to)) + lock_of(head, false) +
           and_then(waits(head));
  }
  std::string operator()(const rules::ProgramAction& a) const {
    const std::string command = on_one_line(a.command.text);
    if (command.empty()) return "write " + parts(head) + "to the standard output" + and_then(false);
    const std::string part = head.sends_header() && head.sends_body() ? "them"
                             : head.sends_header()                    ? "their header"
                                                                      : "their body";
    if (head.filter)
      return "replace " + part + " by what the program `" + command + "` makes of " + (part == "them" ? "them" : "it") +
             lock_of(head, false) + ", and go on";
    return "give " + std::string(head.copy ? "a copy of " : "") + part + " to the program `" + command + "`" +
           lock_of(head, false) + and_then(waits(head));
  }
  std::string operator()(const rules::CaptureAction& a) const {
    const std::string by = a.forwards ? "sendmail, which sends them on to " + spelled(a.words.pieces, known)
                                      : "the program `" + on_one_line(a.command.text) + "`";
    return "set " + a.name + " to the output of " + by + ", and go on";
  }
  std::string operator()(const rules::Block& block) const {
    if (block.statements.empty()) return "do nothing";
    return head.copy ? "with a copy do the following and then all that is behind it, and go on here behind it"
                     : "do the following";
  }
  std::string operator()(const rules::NoAction&) const { return "do nothing, for there is no action"; }
};

// How the recipe hangs on those before it.
std::string in_order(const Head& head) {
  if (head.if_last_failed) return "if the action before was tried and failed, ";
  std::string text;
  if (head.if_last_succeeded) text = "and then, if the action before succeeded, ";
  if (head.if_last_matched && !head.if_last_succeeded) text = "and then, if the conditions before held, ";
  return head.if_last_did_not ? text + "otherwise, " : text;
}

std::string capitalized(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::string spelled(std::span<const Piece> pieces, const KnownValues& known) {
  std::string text;
  for (const Piece& piece : pieces) text += spelled(piece, known);
  return text;
}

std::string recipe_sentence(const rules::Recipe& recipe, const KnownValues& known) {
  std::vector<rules::Value> words;
  for (const auto& word : words_of(recipe.head)) words.emplace_back(spelled(word, known));
  const Head head = rules::constant_head(recipe.head).value_or(rules::read_head(words));
  std::string sentence = capitalized(in_order(head) + which_messages(recipe, head, known)) + ": " +
                         std::visit(Deed{head, known}, recipe.action);
  if (head.skipped.find('$') != std::string::npos) sentence += " (and as the flags in " + head.skipped + " say)";
  return sentence;
}

std::string assignment_sentence(const rules::Assignment& assignment, const KnownValues& known) {
  const std::string& name = assignment.name;
  if (!assignment.value) {
    if (name == "LOCKFILE") return "Release the lock that LOCKFILE holds";
    if (name == "HOST") return "End the rules here, with nothing delivered from here on";
    if (name == "SWITCHRC") return "End this file of rules";
    return "Unset " + name;
  }
  const auto& pieces = assignment.value->pieces;
  if (pieces.size() == 1 && pieces[0].kind == Piece::Kind::Backquote)
    return "Set " + name + " to the output of the program `" + pieces[0].text + "`";
  const std::string value = spelled(pieces, known);
  const std::string shown = value.empty() ? "nothing" : plain_or_quoted(value);
  if (name == "INCLUDERC") return "Run the rules in " + shown + " here";
  if (name == "SWITCHRC")
    return value.empty() ? "End this file of rules" : "Go on with the rules in " + shown + " instead of these";
  if (name == "MAILDIR") return "Folders from here on are below " + shown;
  if (name == "DEFAULT") return "What no recipe takes goes to " + shown;
  if (name == "LOGFILE") return "Log to " + shown;
  if (name == "LOG") return "Write to the log: " + rules::quoted(value);
  if (name == "LOCKFILE") return "From here on hold the lock " + shown;
  if (name == "HOST") return "End the rules here, with nothing delivered from here on, unless this machine is " + shown;
  if (name == "TRAP") return "At the end run the program `" + value + "`";
  if (name == "EXITCODE") return "At the end exit with " + shown;
  return "Set " + name + " to " + shown;
}

}  // namespace filter::tools
