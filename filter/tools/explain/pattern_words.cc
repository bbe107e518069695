// Recognizes what most conditions look like; the others are quoted.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/explain/pattern_words.h"

#include <optional>
#include <span>
#include <vector>

#include "filter/tools/lint/pattern_items.h"
#include "rules/quote.h"
#include "rules/word_reader.h"

namespace filter::tools {
namespace {

using Kind = Item::Kind;
using Items = std::span<const Item>;
using Texts = std::vector<std::string>;

constexpr std::size_t kMostTexts = 40;  // a longer list is better read as the pattern

// Texts of which one must stand there: "a(b|c)" is "ab" and "ac". Nothing: it is more than that.
std::optional<Texts> literals(Items items) {
  Texts texts{""};
  for (std::size_t i = 0; i < items.size(); ++i) {
    Texts choices{""};
    const bool group = items[i].kind == Kind::Open;
    if (group) ++i;
    for (; i < items.size(); ++i) {
      const Item& item = items[i];
      if (item.kind == Kind::Byte || item.kind == Kind::Hole)
        choices.back() += item.text;
      else if (item.kind == Kind::Escape)
        choices.back() += item.text[1];
      else if (group && item.kind == Kind::Bar)
        choices.emplace_back();
      else if (group && item.kind == Kind::Close)
        break;
      else
        return std::nullopt;
      if (!group) break;
    }
    if (i == items.size() || texts.size() * choices.size() > kMostTexts) return std::nullopt;
    Texts longer;
    for (const std::string& text : texts)
      for (const std::string& choice : choices) longer.push_back(text + choice);
    texts = std::move(longer);
  }
  return texts;
}

bool is_repeated(Items items, std::size_t i) { return i + 1 < items.size() && items[i + 1].kind == Kind::Quantifier; }

bool is_blanks(const Item& item) {
  if (item.text == " " || item.text == "\t") return true;
  return item.kind == Kind::Class && item.text.size() > 2 &&
         item.text.substr(1, item.text.size() - 2).find_first_not_of(" \t") == std::string_view::npos;
}

// "()", which only shields what follows.
Items without_shields(Items items) {
  while (items.size() > 1 && items[0].kind == Kind::Open && items[1].kind == Kind::Close && !is_repeated(items, 1))
    items = items.subspan(2);
  return items;
}

// What an expression says about a text: where in it one of some texts stands.
struct Claim {
  bool at_start = false;
  bool at_end = false;
  Texts texts;       // empty: anything at all
  std::string kept;  // behind `\/`: what becomes MATCH
};

std::optional<Claim> claim_of(std::string_view pattern, Items items, bool anchored) {
  Claim claim;
  claim.at_start = anchored;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].kind == Kind::Marker) {
      claim.kept = pattern.substr(items[i].at + 2);
      items = items.first(i);
    }
  while (!items.empty()) {
    const bool repeated = is_repeated(items, 0);
    if (items[0].kind == Kind::Dot && repeated && items[1].text != "?")
      claim.at_start = false;
    else if (!(anchored && is_blanks(items[0])))
      break;
    items = items.subspan(repeated ? 2 : 1);
  }
  if (!items.empty() && claim.kept.empty() && items.back().kind == Kind::Dollar) {
    claim.at_end = true;
    items = items.first(items.size() - 1);
  } else if (items.size() > 1 && items.back().text == "*" && items[items.size() - 2].kind == Kind::Dot) {
    items = items.first(items.size() - 2);
  }
  const auto texts = literals(items);
  if (!texts) return std::nullopt;
  if (!(texts->size() == 1 && (*texts)[0].empty())) claim.texts = *texts;
  return claim;
}

std::string verb(const Claim& claim, bool negated) {
  if (claim.at_start && claim.at_end) return negated ? "is not " : "is ";
  if (claim.at_start) return negated ? "does not begin with " : "begins with ";
  if (claim.at_end) return negated ? "does not end in " : "ends in ";
  return negated ? "does not contain " : "contains ";
}

std::string one_of(const Texts& texts) {
  Texts quoted;
  for (const std::string& text : texts) quoted.push_back(plain_or_quoted(text));
  return (quoted.size() > 1 ? "one of " : "") + listed(quoted, " or ");
}

// "contains one of a or b", "contains none of a or b", "does not contain a"
std::string has_one_of(const Claim& claim, bool negated) {
  if (!negated || claim.texts.size() == 1) return verb(claim, negated) + one_of(claim.texts);
  return verb(claim, false) + "none" + one_of(claim.texts).substr(3);
}

std::string as_pattern(std::string_view pattern) {
  std::string shown;
  for (const char c : pattern) shown += c == '\t' ? "<TAB>" : std::string(1, c);
  return shown.find('`') == std::string::npos ? '`' + shown + '`' : rules::quoted(shown);
}

std::string keeps(const Claim& claim) {
  return claim.kept.empty() ? "" : " (MATCH becomes what follows there and matches " + as_pattern(claim.kept) + ")";
}

// "^Subject:" or "^(To|Cc):": the fields' names, and how many items they take.
std::optional<std::pair<Texts, std::size_t>> fields_of(Items items) {
  if (items.empty() || items[0].kind != Kind::Caret) return std::nullopt;
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].text != ":") continue;
    const auto names = literals(items.subspan(1, i - 1));
    if (!names) return std::nullopt;
    for (const std::string& name : *names)
      for (const char c : name)
        if (!rules::is_name_char(c) && c != '-') return std::nullopt;
    if ((*names)[0].empty()) return std::nullopt;
    return std::pair(*names, i + 1);
  }
  return std::nullopt;
}

std::string matches(std::string_view pattern, const std::string& area, bool negated) {
  const std::string owner = area.starts_with("variable ") ? "for which the " : "whose ";
  return owner + area + (negated ? " does not match the pattern " : " matches the pattern ") + as_pattern(pattern);
}

std::optional<std::string> about_fields(std::string_view pattern, Items items, bool negated) {
  const auto fields = fields_of(items);
  if (!fields) return std::nullopt;
  const auto claim = claim_of(pattern, items.subspan(fields->second), true);
  const std::string names = listed(fields->first, " or ");
  if (!claim) return std::nullopt;
  if (claim->texts.empty() && claim->at_start && claim->at_end)
    return "whose " + names + (negated ? " is not empty" : " is empty");
  if (claim->texts.empty())
    return std::string(negated ? "that have no " : "that have a field ") + names + keeps(*claim);
  return "whose " + names + ' ' + has_one_of(*claim, negated) + keeps(*claim);
}

std::optional<std::string> about_senders_and_recipients(std::string_view pattern, Items items, bool negated) {
  if (items.empty() || items[0].kind != Kind::Macro) return std::nullopt;
  const std::string are = negated ? "that are not " : "that are ";
  if (items[0].text.starts_with("^FROM")) {
    if (items.size() > 1) return std::nullopt;
    return are + (items[0].text == "^FROM_DAEMON" ? "sent by a daemon, a mailing list or the like"
                                                  : "sent by a mail server or the like");
  }
  const auto claim = claim_of(pattern, items.subspan(1), false);
  if (!claim || claim->texts.empty()) return std::nullopt;
  if (negated && claim->texts.size() > 1)
    return "that are sent to none" + one_of(claim->texts).substr(3) + keeps(*claim);
  return are + "sent to " + one_of(claim->texts) + keeps(*claim);
}

}  // namespace

std::string plain_or_quoted(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_of(" \t\n\",;") == std::string::npos;
  return plain ? text : rules::quoted(text);
}

std::string words_for(std::string_view pattern, const std::string& area, bool negated) {
  const auto all = items_of(pattern);
  Items items = without_shields(all);
  const bool in_header = area == "header" || area == "message";
  if (items.empty()) return negated ? "of which there are none" : "of every kind";
  if (const auto words = in_header ? about_senders_and_recipients(pattern, items, negated) : std::nullopt)
    return *words;
  if (const auto words = in_header ? about_fields(pattern, items, negated) : std::nullopt) return *words;
  const bool whole = items[0].kind == Kind::Area;
  const bool line = items[0].kind == Kind::Caret;
  if (whole || line) items = items.subspan(1);
  auto claim = claim_of(pattern, items, whole || line);
  if (!claim || claim->texts.empty() || !claim->kept.empty()) return matches(pattern, area, negated);
  const std::string owner = area.starts_with("variable ") ? "for which the " : "whose ";
  if (!whole && (claim->at_start || claim->at_end) && !area.starts_with("variable "))
    return owner + area + (negated ? " has no line that " : " has a line that ") + verb(*claim, false) +
           one_of(claim->texts);
  return owner + area + ' ' + has_one_of(*claim, negated);
}

}  // namespace filter::tools
