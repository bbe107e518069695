// Cuts a regular expression into items, by the rules of PROCMAIL.md 9.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/pattern_items.h"

#include "rules/regex/dialect.h"

namespace filter::tools {
namespace {

using Kind = Item::Kind;

// How long the class is that begins at `at`; an unclosed one reaches to the end.
std::size_t class_size(std::string_view pattern, std::size_t at) {
  std::size_t i = at + 1;
  if (i < pattern.size() && pattern[i] == '^') ++i;
  if (i < pattern.size() && pattern[i] == ']') ++i;
  const std::size_t end = pattern.find(']', i);
  return (end == std::string_view::npos ? pattern.size() : end + 1) - at;
}

bool may_repeat(const std::vector<Item>& items) {
  if (items.empty()) return false;
  switch (items.back().kind) {
    case Kind::Quantifier:
    case Kind::Open:
    case Kind::Bar:
    case Kind::Marker:
    case Kind::Area:
      return false;
    default:
      return true;
  }
}

Item backslash_item(std::string_view pattern, std::size_t at) {
  const std::string_view text = pattern.substr(at, 2);
  if (text.size() < 2) return {Kind::Byte, at, text};
  const bool word = text[1] == '<' || text[1] == '>';
  return {word ? Kind::Word : text[1] == '/' ? Kind::Marker : Kind::Escape, at, text};
}

Item caret_item(std::string_view pattern, std::size_t at) {
  if (pattern.substr(at, 2) == "^^") return {Kind::Area, at, pattern.substr(at, 2)};
  const std::size_t macro = rules::macro_size(pattern, at);
  return {macro > 0 ? Kind::Macro : Kind::Caret, at, pattern.substr(at, macro > 0 ? macro : 1)};
}

Item item_at(std::string_view pattern, std::size_t at, bool repeats) {
  const std::string_view one = pattern.substr(at, 1);
  switch (pattern[at]) {
    case '\\':
      return backslash_item(pattern, at);
    case '^':
      return caret_item(pattern, at);
    case '[':
      return {Kind::Class, at, pattern.substr(at, class_size(pattern, at))};
    case '.':
      return {Kind::Dot, at, one};
    case '$':
      return {Kind::Dollar, at, one};
    case '(':
      return {Kind::Open, at, one};
    case ')':
      return {Kind::Close, at, one};
    case '|':
      return {Kind::Bar, at, one};
    case '*':
    case '+':
    case '?':
      return {repeats ? Kind::Quantifier : Kind::Byte, at, one};
    case kHole:
      return {Kind::Hole, at, one};
    default:
      return {Kind::Byte, at, one};
  }
}

}  // namespace

std::vector<Item> items_of(std::string_view pattern) {
  std::vector<Item> items;
  for (std::size_t at = 0; at < pattern.size(); at += items.back().text.size())
    items.push_back(item_at(pattern, at, may_repeat(items)));
  return items;
}

}  // namespace filter::tools
