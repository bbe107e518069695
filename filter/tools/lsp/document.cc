// Finds out what a place in a rule file is about.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/document.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

#include "filter/tools/explain/explanation.h"
#include "filter/tools/lsp/vocabulary.h"
#include "filter/tools/markdown.h"
#include "filter/tools/printable.h"
#include "rules/lexer.h"
#include "rules/parser.h"

namespace filter::tools::lsp {
namespace {

constexpr unsigned kMostSteps = 20;  // from variable to variable, when a file's name is made of them

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// The word that a byte belongs to, as [begin, end).
std::pair<std::size_t, std::size_t> word_at(std::string_view line, std::size_t byte) {
  std::size_t begin = std::min(byte, line.size());
  std::size_t end = begin;
  while (begin > 0 && is_word(line[begin - 1])) --begin;
  while (end < line.size() && is_word(line[end])) ++end;
  return {begin, end};
}

// ":0 HBc: lock": where its flags stand, if the line is a recipe's first one.
std::optional<std::pair<std::size_t, std::size_t>> flags_of(std::string_view line) {
  const std::size_t colon = line.find_first_not_of(" \t");
  if (colon == std::string_view::npos || line[colon] != ':') return std::nullopt;
  const std::size_t begin = std::min(line.find_first_not_of("0123456789", colon + 1), line.size());
  if (begin == colon + 1) return std::nullopt;
  return std::pair(begin, std::min(line.find_first_of(":#", begin), line.size()));
}

// The name that an assignment sets.
std::optional<std::string_view> name_set(std::string_view line) {
  line = trimmed(line);
  std::size_t end = 0;
  while (end < line.size() && is_word(line[end])) ++end;
  if (end == 0 || !is_letter(line[0])) return std::nullopt;
  const std::size_t sign = line.find_first_not_of(" \t", end);
  if (sign == std::string_view::npos || line[sign] != '=') return std::nullopt;
  return line.substr(0, end);
}

std::string_view value_set(std::string_view line) {
  std::string_view value = trimmed(line.substr(line.find('=') + 1));
  if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
    return value.substr(1, value.size() - 2);
  return value.substr(0, value.find_first_of(" \t#"));
}

std::string titled(std::string_view name, std::string_view meaning) {
  return "**`" + std::string(name) + "`** — " + std::string(meaning);
}

const Word* macro_at(std::string_view line, std::size_t byte) {
  for (const Word& macro : macros())
    for (auto at = line.find(macro.name); at != std::string_view::npos; at = line.find(macro.name, at + 1))
      if (byte >= at && byte < at + macro.name.size()) return &macro;
  return nullptr;
}

// In which line the recipe begins that has this line, from its first one to its action.
// NOLINTNEXTLINE(misc-no-recursion): the parser has bounded the depth
void find_statement(const std::vector<rules::Statement>& statements, std::size_t number, std::size_t& first) {
  for (const rules::Statement& statement : statements) {
    const auto* recipe = std::get_if<rules::Recipe>(&statement.what);
    if (!recipe || statement.where.line > number + 1) continue;
    if (recipe->action_at.line >= number + 1) first = statement.where.line - 1;
    if (const auto* block = std::get_if<rules::Block>(&recipe->action))
      find_statement(block->statements, number, first);
  }
}

}  // namespace

Document::Document(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)), starts_{0} {
  for (auto at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) starts_.push_back(at + 1);
}

std::string_view Document::line(std::size_t number) const {
  if (number >= starts_.size()) return {};
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] - 1 : text_.size();
  return std::string_view(text_).substr(starts_[number], end - starts_[number]);
}

std::optional<std::size_t> Document::line_that_sets(std::size_t before, std::string_view name) const {
  for (std::size_t at = std::min(before, starts_.size()); at-- > 0;)
    if (name_set(line(at)) == name) return at;
  return std::nullopt;
}

std::optional<std::string> Document::hover(const Place& place, const std::string& home) const {
  const std::string_view text = trimmed(line(place.line));
  if (text.empty() || text.starts_with('#')) return std::nullopt;
  const auto meaning = word_meaning(place);
  return meaning ? meaning : sentence(place.line, home);
}

// The sentence of what stands in a line, recipes within blocks before the block.
std::optional<std::string> Document::sentence(std::size_t number, const std::string& home) const {
  const auto script = rules::parse(rules::tokenize(rules::Source(path_, text_)).tokens).script;
  std::size_t first = number;
  find_statement(script.statements, number, first);
  KnownValues known;
  if (!home.empty()) known.set("HOME", home);
  for (const Sentence& one : explain(script, std::move(known)))
    if (one.where.line == first + 1 && one.kind != Sentence::Kind::Note) return as_markdown(printable(one.text)) + ".";
  return std::nullopt;
}

std::optional<std::string> Document::word_meaning(const Place& place) const {
  const std::string_view text = line(place.line);
  if (const auto range = flags_of(text)) {
    if (place.byte < range->first) return std::nullopt;
    if (place.byte == range->second && place.byte < text.size() && text[place.byte] == ':')
      return "A lock file is held during the action: the one named here, or else one named after the folder.";
    if (place.byte >= range->second) return std::nullopt;
    const Word* flag = find(flags(), text.substr(place.byte, 1));
    return flag ? std::optional(titled(flag->name, flag->meaning)) : std::nullopt;
  }
  if (const Word* macro = macro_at(text, place.byte)) return titled(macro->name, macro->meaning);
  const auto [begin, end] = word_at(text, place.byte);
  const std::string_view name = text.substr(begin, end - begin);
  const bool is_hole = begin > 0 && (text[begin - 1] == '$' || text[begin - 1] == '{');
  if (name.empty() || (!is_hole && name_set(text) != name && trimmed(text) != name)) return std::nullopt;
  const Word* known = find(variables(), name);
  std::string out = known ? titled(name, known->meaning) : std::string();
  if (const auto setter = is_hole ? line_that_sets(place.line, name) : std::nullopt)
    out += (out.empty() ? titled(name, "a variable of these rules.") : "") + "\n\nSet in line " +
           std::to_string(*setter + 1) + ": `" + std::string(trimmed(line(*setter))) + "`";
  return out.empty() ? std::nullopt : std::optional(out);
}

std::optional<std::string> Document::value_before(std::size_t before, std::string_view name, const std::string& home,
                                                  unsigned depth) const {
  const auto setter = line_that_sets(before, name);
  if (setter) return filled(*setter, value_set(line(*setter)), home, depth + 1);
  return name == "HOME" ? std::optional(home) : std::nullopt;
}

// A value whose variables the file sets to constants; nothing if it takes more than that.
std::optional<std::string> Document::filled(std::size_t number, std::string_view text, const std::string& home,
                                            unsigned depth) const {
  if (depth > kMostSteps || text.find('`') != std::string_view::npos) return std::nullopt;
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '$') {
      out += text[at];
      continue;
    }
    const bool braced = at + 1 < text.size() && text[at + 1] == '{';
    const std::size_t begin = at + (braced ? 2 : 1);
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end == begin || (braced && (end == text.size() || text[end] != '}'))) return std::nullopt;
    const auto value = value_before(number, text.substr(begin, end - begin), home, depth);
    if (!value) return std::nullopt;
    out += *value;
    at = braced ? end : end - 1;
  }
  return out;
}

std::optional<Target> Document::definition(const Place& place, const std::string& home) const {
  const std::string_view text = line(place.line);
  const auto [begin, end] = word_at(text, place.byte);
  const bool is_hole = begin > 0 && (text[begin - 1] == '$' || text[begin - 1] == '{');
  if (is_hole && end > begin)
    if (const auto setter = line_that_sets(place.line, text.substr(begin, end - begin))) return Target{path_, *setter};
  const auto name = name_set(text);
  if (name != "INCLUDERC" && name != "SWITCHRC") return std::nullopt;
  const auto value = filled(place.line, value_set(text), home, 0);
  if (!value || value->empty()) return std::nullopt;
  namespace fs = std::filesystem;
  if (value->starts_with('/')) return Target{fs::path(*value).lexically_normal().string(), 0};
  const auto maildir = value_before(place.line, "MAILDIR", home, 0);
  const fs::path base = maildir ? fs::path(*maildir) : fs::path(path_).parent_path();
  return Target{(base / *value).lexically_normal().string(), 0};
}

std::vector<Proposal> Document::completion(const Place& place) const {
  std::vector<Proposal> list;
  const auto propose = [&](Proposal::Kind kind, std::span<const Word> words, std::string_view end = "") {
    for (const Word& word : words)
      list.push_back({kind, std::string(word.name) + std::string(end), std::string(word.meaning)});
  };
  const std::string_view whole = line(place.line);
  const std::string_view front = whole.substr(0, std::min(place.byte, whole.size()));
  const std::string_view content = trimmed(front);
  if (content.starts_with('#')) return list;
  if (const auto range = flags_of(whole)) {
    if (place.byte >= range->first && place.byte <= range->second) propose(Proposal::Kind::Flag, flags());
    return list;
  }
  const std::size_t begin = word_at(front, front.size()).first;
  const char sign = begin > 0 ? front[begin - 1] : '\0';
  if (sign == '$' || sign == '{') {
    propose(Proposal::Kind::Variable, variables());
    for (std::size_t at = 0; at < starts_.size(); ++at) {
      const auto name = name_set(line(at));
      const bool known = !name || std::ranges::any_of(list, [&](const Proposal& one) { return one.text == *name; });
      if (!known)
        list.push_back({Proposal::Kind::Variable, std::string(*name), "set in line " + std::to_string(at + 1)});
    }
  } else if (content.starts_with('*')) {
    propose(Proposal::Kind::Macro, macros());
  } else if (content.size() == front.size() - begin) {
    list.push_back({Proposal::Kind::Snippet, ":0", "A recipe: conditions follow, then one action."});
    list.push_back({Proposal::Kind::Snippet, ":0:", "A recipe whose folder is locked meanwhile: for mbox files."});
    propose(Proposal::Kind::Variable, variables(), "=");
  }
  return list;
}

}  // namespace filter::tools::lsp
