// The prefixes of a condition, one after the other, and what they leave.
// SPDX-License-Identifier: Apache-2.0
#include "rules/condition.h"

#include <cstdio>
#include <cstdlib>

#include "rules/quote.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

std::string_view skip_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// Joined lines lose their backslash and LF. Blanks behind any LF go too; one without a backslash comes out of a variable.
std::string squeeze(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
    } else {
      out += text[i];
    }
    if (text[i] != '\n') continue;
    while (i + 1 < text.size() && is_blank(text[i + 1])) ++i;
  }
  return out;
}

// A limit's blanks count for nothing but in the log, where procmail shows one for several.
std::string single_blanks(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!is_blank(c)) out += c;
    else if (out.empty() || out.back() != ' ') out += ' ';
  return out;
}

// A decimal number as strtod reads it, but no "nan", "inf" or hexadecimal one, which are words of a pattern.
std::optional<double> take_number(std::string_view& text) {
  std::size_t i = 0;
  while (i < text.size() && is_blank(text[i])) ++i;
  std::size_t size = i;
  while (size < text.size() && size < i + 64 && std::string_view("0123456789+-.eE").find(text[size]) != text.npos) ++size;
  const std::string number(text.substr(i, size - i));
  if (number.empty() || number.find_first_of("0123456789") == std::string::npos) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (end == number.c_str()) return std::nullopt;
  text.remove_prefix(i + static_cast<std::size_t>(end - number.c_str()));
  return value;
}

bool take_weight(std::string_view& text, Condition& condition) {
  std::string_view rest = text;
  const auto first = take_number(rest);
  if (!first) return false;
  rest = skip_blanks(rest);
  if (rest.empty() || rest[0] != '^') return false;
  rest.remove_prefix(1);
  const auto factor = take_number(rest);
  if (!factor) return false;
  condition.weight = Weight{*first, *factor};
  text = rest;
  return true;
}

bool take_area(std::string_view& text, Condition& condition) {
  if (text.empty() || !is_name_start(text[0])) return false;
  std::size_t size = 1;
  while (size < text.size() && is_name_char(text[size])) ++size;
  const std::string_view name = text.substr(0, size);
  const std::string_view rest = skip_blanks(text.substr(size));
  if (!rest.starts_with("??")) return false;
  condition.variable.clear();
  if (name == "H") {
    condition.area = Condition::Area::Header;
  } else if (name == "B") {
    condition.area = Condition::Area::Body;
  } else if (name == "HB" || name == "BH") {
    condition.area = Condition::Area::Message;
  } else {
    condition.area = Condition::Area::Variable;
    condition.variable = name;
  }
  text = rest.substr(2);
  return true;
}

}  // namespace

Condition read_condition(std::string_view text, Condition prefixes) {
  Condition condition = std::move(prefixes);
  condition.raw_size = text.size();
  for (;;) {
    // A line end, which comes out of a variable or from a line of a backslash alone, is no blank: it begins an expression.
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (take_weight(text, condition) || take_area(text, condition)) continue;
    const char c = text.empty() ? '\0' : text[0];
    if (c == '!') {
      condition.negated = !condition.negated;
      text.remove_prefix(1);
      continue;
    }
    if (c == '$' || c == '<' || c == '>') {
      const bool dynamic = c == '$';
      condition.kind = dynamic ? Condition::Kind::Dynamic : c == '<' ? Condition::Kind::Smaller : Condition::Kind::Larger;
      condition.text = squeeze(text.substr(1));
      std::size_t at = 0;
      condition.expansion = read_words(dynamic ? condition.text : single_blanks(condition.text), at, TextMode::Whole, dynamic).expansion;
    } else if (c == '?') {
      condition.kind = Condition::Kind::Program;
      condition.text = text.substr(1);
    } else {
      condition.kind = Condition::Kind::Regexp;
      // One leading backslash only shields what follows from being read as a prefix.
      condition.shielded = c == '\\';
      if (c == '\\') text.remove_prefix(1);
      condition.text = squeeze(text);
      // A macro behind a backslash is none, also where the backslash was dropped (PROCMAIL.md 9.10).
      if (c == '\\' && (text.starts_with("^TO") || text.starts_with("^FROM_"))) condition.text.insert(1, "()");
    }
    return condition;
  }
}

namespace {

std::string prefixes(const Condition& condition) {
  std::string out;
  if (condition.weight) {
    char weight[64];
    std::snprintf(weight, sizeof weight, "%g^%g ", condition.weight->first, condition.weight->factor);
    out += weight;
  }
  if (condition.negated) out += "! ";
  switch (condition.area) {
    case Condition::Area::Flags: break;
    case Condition::Area::Header: out += "H ?? "; break;
    case Condition::Area::Body: out += "B ?? "; break;
    case Condition::Area::Message: out += "HB ?? "; break;
    case Condition::Area::Variable: out += condition.variable + " ?? "; break;
  }
  return out;
}

}  // namespace

std::string written(const Condition& condition) {
  std::string out = prefixes(condition);
  switch (condition.kind) {
    case Condition::Kind::Regexp: break;
    case Condition::Kind::Program: out += '?'; break;
    case Condition::Kind::Smaller: out += '<'; break;
    case Condition::Kind::Larger: out += '>'; break;
    case Condition::Kind::Dynamic: out += '$'; break;
  }
  return out + condition.text;
}

std::string dump(const Condition& condition) {
  const std::string out = prefixes(condition);
  switch (condition.kind) {
    case Condition::Kind::Regexp: return out + "regexp " + quoted(condition.text);
    case Condition::Kind::Program: return out + "program " + quoted(condition.text);
    case Condition::Kind::Smaller: return out + "smaller " + dump(condition.expansion);
    case Condition::Kind::Larger: return out + "larger " + dump(condition.expansion);
    case Condition::Kind::Dynamic: return out + "dynamic " + dump(condition.expansion);
  }
  return out;
}

}  // namespace rules
