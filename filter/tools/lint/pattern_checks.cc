// Reads expressions item by item, as their author wrote them.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/pattern_checks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "filter/tools/lint/pattern_items.h"
#include "filter/tools/lint/pattern_sets.h"
#include "rules/quote.h"
#include "rules/word_reader.h"

namespace filter::tools::lint {
namespace {

using Kind = Item::Kind;

bool is_label_byte(const Item& item) {
  return item.kind == Kind::Byte && (rules::is_name_char(item.text[0]) || item.text[0] == '-');
}

// Calls `look_at(pattern, condition)` for each expression of the file.
template <class LookAt>
void for_each_pattern(const Look& look, LookAt look_at) {
  for (const ConditionView& view : look.file.conditions)
    if (view.regexp) look_at(view.regexp->text, view);
}

rules::Position place(const Look& look, const ConditionView& view, std::string_view text) {
  return place_of(*look.file.source, view.tree->where, text);
}

// ---- hosts ----

constexpr std::string_view kSubject = "^subject";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Names that end hosts: two letters are a country.
bool is_top_domain(std::string_view label) {
  static constexpr std::string_view kKnown[] = {"com",     "org",   "net",  "edu",  "gov",         "mil",     "int",
                                                "info",    "biz",   "name", "arpa", "localdomain", "example", "test",
                                                "invalid", "local", "dev",  "app",  "club"};
  std::string name(label);
  std::ranges::transform(name, name.begin(), lower);
  if (std::ranges::find(kKnown, name) != std::end(kKnown)) return true;
  return name.size() == 2 && std::ranges::all_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

struct Host {
  std::string_view text;
  bool has_bare_dot = false;
};

// The host name that begins with this item: labels of two bytes and more, the last one a top domain.
std::optional<Host> host_at(std::string_view pattern, const std::vector<Item>& items, std::size_t begin) {
  std::optional<Host> host;
  bool bare = false;
  std::size_t label = begin;
  for (std::size_t i = begin;; ++i) {
    if (i < items.size() && is_label_byte(items[i])) continue;
    const std::size_t end = i < items.size() ? items[i].at : pattern.size();
    const std::string_view text =
        label < i ? pattern.substr(items[label].at, end - items[label].at) : std::string_view();
    const bool repeated = i < items.size() && items[i].kind == Kind::Quantifier;
    if (text.empty() || repeated) return host;
    if (text.size() < 2) return std::nullopt;
    // "de.autorespuesta.de.hoy" are words: it does not end in "de".
    host.reset();
    if (label > begin && is_top_domain(text)) host = Host{pattern.substr(items[begin].at, end - items[begin].at), bare};
    if (i + 1 >= items.size() || items[i + 1].kind == Kind::Quantifier) return host;
    const bool dot = items[i].kind == Kind::Dot;
    if (!dot && items[i].text != "\\.") return host;
    bare |= dot;
    label = i + 1;
  }
}

}  // namespace

void check_unescaped_dot(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    const auto items = items_of(pattern);
    const bool of_words = std::ranges::equal(pattern.substr(0, kSubject.size()), kSubject, {}, lower);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!is_label_byte(items[i]) || (i > 0 && is_label_byte(items[i - 1]))) continue;
      const auto host = host_at(pattern, items, i);
      if (!host || !host->has_bare_dot) continue;
      // In a subject a dot between words stands for a blank or a letter with an accent.
      const bool in_address = i > 0 && items[i - 1].text == "@";
      if (of_words && !in_address && host->text.rfind('.') + 3 == host->text.size()) continue;
      std::string better;
      for (std::size_t k = 0; k < host->text.size(); ++k)
        better += host->text[k] == '.' && (k == 0 || host->text[k - 1] != '\\') ? "\\." : std::string(1, host->text[k]);
      report.add(place(look, view, host->text),
                 "the dot in \"" + std::string(host->text) + "\" stands for any character: write " + better);
      return;
    }
  });
}

namespace {

// ---- what other dialects have ----

struct Foreign {
  std::string_view text;  // as it is written
  const char* meaning;    // what it is here, and what to write
};

std::optional<Foreign> foreign_escape(const Item& item) {
  if (item.kind != Kind::Escape) return std::nullopt;
  switch (item.text[1]) {
    case 'd':
      return Foreign{item.text, "is the letter d: write [0-9]"};
    case 'D':
      return Foreign{item.text, "is the letter D: write [^0-9]"};
    case 's':
      return Foreign{item.text, "is the letter s: write [ \t], a blank and a TAB in brackets"};
    case 'S':
      return Foreign{item.text, "is the letter S: write [^ \t], with a blank and a TAB in the brackets"};
    case 'w':
      return Foreign{item.text, "is the letter w: write [a-z0-9_]"};
    case 'W':
      return Foreign{item.text, "is the letter W: write [^a-z0-9_]"};
    case 'b':
      return Foreign{item.text, "is the letter b: write \\< or \\> for the character beside a word"};
    case 'B':
      return Foreign{item.text, "is the letter B"};
    case 'n':
      return Foreign{item.text, "is the letter n: write $ or ^ for a line's end"};
    case 't':
      return Foreign{item.text, "is the letter t: write a TAB itself"};
    case 'r':
      return Foreign{item.text, "is the letter r: write a CR itself"};
    default:
      return std::nullopt;
  }
}

// "{2,3}" behind something to repeat.
std::optional<Foreign> foreign_count(std::string_view pattern, const std::vector<Item>& items, std::size_t i) {
  const Item& item = items[i];
  if (item.text != "{" || i == 0 || items[i - 1].kind == Kind::Open || items[i - 1].kind == Kind::Bar)
    return std::nullopt;
  const std::size_t end = pattern.find('}', item.at);
  if (end == std::string_view::npos || end == item.at + 1) return std::nullopt;
  const std::string_view inside = pattern.substr(item.at + 1, end - item.at - 1);
  if (inside.find_first_not_of("0123456789,") != std::string_view::npos || !rules::is_digit(inside[0]))
    return std::nullopt;
  return Foreign{pattern.substr(item.at, end + 1 - item.at),
                 "stands for itself: write what is to be repeated as often as it is wanted"};
}

std::optional<Foreign> foreign_class(const Item& item) {
  if (item.kind != Kind::Class) return std::nullopt;
  if (const std::size_t at = item.text.find("[:");
      at != std::string_view::npos && item.text.size() > at + 3 && item.text.find(":]") != std::string_view::npos)
    return Foreign{item.text, "names no class of characters: write the characters, as in [a-z]"};
  static constexpr std::array<std::string_view, 5> kEscapes = {"\\s", "\\d", "\\w", "\\t", "\\n"};
  for (const std::string_view escape : kEscapes)
    if (item.text.find(escape) != std::string_view::npos)
      return Foreign{item.text, "has a backslash and a letter among its characters: write the characters themselves"};
  return std::nullopt;
}

std::optional<Foreign> foreign_at(std::string_view pattern, const std::vector<Item>& items, std::size_t i) {
  const Item& item = items[i];
  if (const auto escape = foreign_escape(item)) return escape;
  if (const auto count = foreign_count(pattern, items, i)) return count;
  if (const auto named = foreign_class(item)) return named;
  if (i == 0 || item.kind != Kind::Byte || item.text != "?") return std::nullopt;
  if (items[i - 1].kind == Kind::Open)
    return Foreign{pattern.substr(items[i - 1].at, 3), "is a group that begins with a question mark: leave it out"};
  if (items[i - 1].kind == Kind::Quantifier && items[i - 1].text != "?")
    return Foreign{pattern.substr(items[i - 1].at, 2),
                   "is followed by a question mark that stands for itself: write it without, or '\\?'"};
  return std::nullopt;
}

}  // namespace

void check_perl_regexp(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    const auto items = items_of(pattern);
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto foreign = foreign_at(pattern, items, i);
      if (!foreign) continue;
      report.add(place(look, view, foreign->text), '"' + std::string(foreign->text) + "\" " + foreign->meaning);
      return;
    }
  });
}

void check_lost_backslash(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    if (!view.regexp->shielded || pattern.empty()) return;
    // Where the next byte means itself at the start, nothing is lost.
    if (std::string_view("<>[(.$^|/\\").find(pattern[0]) == std::string_view::npos || pattern[0] == kHole) return;
    const std::string written = "\\" + std::string(1, pattern[0]);
    report.add(place(look, view, written), "the first backslash of a condition is dropped, so that \"" +
                                               std::string(pattern.substr(0, 1)) + "\" is not \"" + written +
                                               "\": write ()" + written);
  });
}

void check_to_macro(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    for (const Item& item : items_of(pattern)) {
      if (item.kind != Kind::Macro || !item.text.starts_with("^TO")) continue;
      const std::string_view rest = pattern.substr(item.at + item.text.size());
      std::size_t name = 0;
      while (name < rest.size() && (rules::is_name_char(rest[name]) || rest[name] == '-')) ++name;
      if (name >= rest.size() || rest[name] != ':') continue;
      const std::string field = std::string(item.text.substr(1)) + std::string(rest.substr(0, name + 1));
      const std::string better =
          name == 0 ? "^To: for the field, or " + std::string(item.text) + " without ':' for all recipients"
                    : "^" + field.substr(0, 1) + "()" + field.substr(1);
      report.add(place(look, view, item.text), "\"" + std::string(item.text) +
                                                   "\" stands for all fields that name recipients, "
                                                   "their ':' included, so this is not the field \"" +
                                                   field + "\": write " + better);
      return;
    }
  });
}

void check_quantifier_before_match(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    const auto items = items_of(pattern);
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (items[i].kind != Kind::Marker || items[i - 1].kind != Kind::Quantifier) continue;
      const bool plus = items[i - 1].text == "+";
      if (!plus && !starts_with_any_of_repeated(pattern, items[i].at)) continue;
      const std::string_view text = pattern.substr(items[i - 1].at, 3);
      report.add(
          place(look, view, text),
          plus ? "behind '+' procmail 3.22 may put too much into MATCH: write what stands before '\\/' so that it does "
                 "not end in '+', "
                 "as in 'xx*\\/'"
               : "what stands before '\\/' matches as little as it can, so '" + std::string(items[i - 1].text) +
                     "' takes nothing here and MATCH begins earlier than it seems: begin the right side with what it "
                     "must begin with, as in '[ ]*\\/[^ ].*'");
      return;
    }
  });
}

void check_comment_in_condition(const Look& look, Report& report) {
  for_each_pattern(look, [&](std::string_view pattern, const ConditionView& view) {
    std::size_t hash = std::string_view::npos;
    for (const Item& item : items_of(pattern)) {
      const bool blank_before = item.at > 0 && rules::is_blank(pattern[item.at - 1]);
      if (item.text == "#" && blank_before && item.at + 1 < pattern.size() && rules::is_blank(pattern[item.at + 1]))
        hash = item.at;
    }
    if (hash == std::string_view::npos) return;
    report.add(place(look, view, pattern.substr(hash, 2)),
               "conditions have no comments: this is part of what is searched for. Put the comment "
               "on a line of its own");
  });
}

void check_missing_dollar(const Look& look, Report& report) {
  for (const ConditionView& view : look.file.conditions) {
    if (view.tree->condition.kind != rules::Condition::Kind::Regexp) continue;
    const std::string_view pattern = view.tree->condition.text;
    const auto items = items_of(pattern);
    for (std::size_t i = 0; i + 1 < items.size(); ++i) {
      if (items[i].kind != Kind::Dollar) continue;
      const bool brace = items[i + 1].text == "{" && i + 2 < items.size();
      const std::string_view rest = pattern.substr(items[i + (brace ? 2 : 1)].at);
      std::size_t name = 0;
      while (name < rest.size() && rules::is_name_char(rest[name])) ++name;
      const std::string variable(rest.substr(0, name));
      const bool is_name = name > 1 && rules::is_name_start(rest[0]);
      // A line that begins with this word may be meant, unless there is a variable of this name.
      if (!is_name || !(brace || look.set_somewhere.contains(variable))) continue;
      report.add(place(look, view, pattern.substr(items[i].at, 1 + (brace ? 1 : 0) + name)),
                 "variables are filled in only where a condition begins with '$': write '* $ ...', and $\\" + variable +
                     " for a value that is to match as it stands");
      return;
    }
  }
}

void check_dollar_quotes(const Look& look, Report& report) {
  for (const ConditionView& view : look.file.conditions) {
    const rules::Condition& condition = view.tree->condition;
    if (condition.kind != rules::Condition::Kind::Dynamic) continue;
    for (std::size_t at = condition.text.find('"'); at != std::string::npos; at = condition.text.find('"', at + 1)) {
      if (at > 0 && condition.text[at - 1] == '\\') continue;
      report.add(place(look, view, "\""),
                 "in a condition that begins with '$' a quote ends the quoting and is dropped: write \\\" for one "
                 "that is to be searched for");
      return;
    }
  }
}

void check_size_number(const Look& look, Report& report) {
  using rules::Piece;
  for (const ConditionView& view : look.file.conditions) {
    const rules::Condition& condition = view.tree->condition;
    const bool smaller = condition.kind == rules::Condition::Kind::Smaller;
    if (!smaller && condition.kind != rules::Condition::Kind::Larger) continue;
    std::string size;
    for (const Piece& piece : condition.expansion.pieces)
      size += piece.kind == Piece::Kind::Text ? piece.text : "0";  // what is filled in may be a number
    const auto begin = std::ranges::find_if_not(size, rules::is_blank);
    const auto end = std::find_if_not(begin, size.end(), rules::is_digit);
    if (begin != end && std::find_if_not(end, size.end(), rules::is_blank) == size.end()) continue;
    const std::string sign = smaller ? "<" : ">";
    report.add(place(look, view, sign), begin == end ? "a condition that begins with '" + sign +
                                                           "' compares the message's size, and what is behind it "
                                                           "is no number: to search for '" +
                                                           sign + "' write [" + sign + "]"
                                                     : "a size is a number of bytes and nothing else: \"" +
                                                           rules::escaped({end, size.end()}) + "\" is skipped");
  }
}

}  // namespace filter::tools::lint
