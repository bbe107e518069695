// Whatever is not surely simple is left to the lexer.
// SPDX-License-Identifier: Apache-2.0
#include "rules/simple_recipe.h"

#include <array>

#include "rules/word_reader.h"

namespace rules {
namespace {

// Sets of bytes, for one look a byte.
class Bytes {
 public:
  constexpr explicit Bytes(std::string_view listed, bool letters_and_digits = false) {
    for (const char c : listed) has_[static_cast<unsigned char>(c)] = true;
    for (unsigned c = 0; letters_and_digits && c < 128; ++c)
      if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_') has_[c] = true;
  }
  bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  bool has_all(std::string_view text) const {
    for (const char c : text)
      if (!has(c)) return false;
    return true;
  }

 private:
  std::array<bool, 256> has_{};
};

constexpr Bytes kFlags("HBDhbfcwWir \t");
constexpr Bytes kLock("./-", true);
constexpr Bytes kFolder("./-+@,%$", true);
constexpr Bytes kAddresses("./-+@,%$ \t", true);

// No prefix of a condition begins so; a word may be that of `NAME ??`.
bool starts_as_pattern(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("^([\\").find(text.front()) != std::string_view::npos) return true;
  return is_name_start(text.front()) && text.find("??") == std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The line at `at`, without its LF; nothing if it has none, or goes on in the next line.
std::optional<std::string_view> whole_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  if (end == std::string_view::npos || (end > at && text[end - 1] == '\\')) return std::nullopt;
  return text.substr(at, end - at);
}

bool read_flags(std::string_view line, SimpleRecipe& recipe) {
  if (!line.starts_with(":0")) return false;
  const std::size_t colon = line.find(':', 1);
  const std::string_view flags = line.substr(2, colon == std::string_view::npos ? colon : colon - 2);
  if (!kFlags.has_all(flags)) return false;
  if (colon != std::string_view::npos && !kLock.has_all(trimmed(line.substr(colon + 1)))) return false;
  recipe.search_body = flags.find('B') != std::string_view::npos;
  recipe.search_header = !recipe.search_body || flags.find('H') != std::string_view::npos;
  return true;
}

// Behind the `*`.
std::optional<SimpleCondition> read_condition(std::string_view line) {
  SimpleCondition condition;
  line = trimmed(line);
  while (!line.empty() && (line.front() == '!' || is_blank(line.front()))) {
    if (line.front() == '!') condition.negated = !condition.negated;
    line.remove_prefix(1);
  }
  if (!starts_as_pattern(line)) return std::nullopt;
  // One leading backslash only shields what follows from being read as a prefix.
  if (line.front() == '\\') line.remove_prefix(1);
  condition.pattern = line;
  return condition;
}

bool is_simple_action(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return false;
  if (line.front() == '|') return true;
  if (line.front() == '!') return kAddresses.has_all(line.substr(1));
  return kFolder.has_all(line);
}

}  // namespace

std::optional<SimpleRecipe> simple_recipe_at(std::string_view text, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && is_blank(text[start - 1])) --start;
  if (start > 0 && text[start - 1] != '\n') return std::nullopt;
  SimpleRecipe recipe;
  auto line = whole_line(text, at);
  if (!line || !read_flags(*line, recipe)) return std::nullopt;
  recipe.begin = static_cast<std::uint32_t>(start);
  at += line->size() + 1;
  recipe.conditions = static_cast<std::uint32_t>(at);
  for (; (line = whole_line(text, at)); at += line->size() + 1) {
    const std::string_view content = trimmed(*line);
    if (!content.starts_with('*')) break;
    if (!read_condition(content.substr(1))) return std::nullopt;
  }
  if (!line || at == recipe.conditions || !is_simple_action(*line)) return std::nullopt;
  recipe.action = static_cast<std::uint32_t>(at);
  recipe.end = static_cast<std::uint32_t>(at + line->size());
  return recipe;
}

std::optional<SimpleCondition> take_condition(std::string_view& lines) {
  if (lines.empty()) return std::nullopt;
  const std::string_view line = lines.substr(0, lines.find('\n') + 1);
  lines.remove_prefix(line.size());
  auto condition = read_condition(trimmed(line.substr(0, line.size() - 1)).substr(1));
  if (condition) condition->line = line;
  return condition;
}

}  // namespace rules
