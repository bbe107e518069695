// Header fields: their names, their folded lines, and the names that are known to begin a message.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_field.h"

#include <algorithm>

namespace filter::compat {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// No control characters, no blank, no colon.
bool is_name_byte(char c) {
  const unsigned char byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte != 0x7f && c != ':';
}

// "From " but not "From :", which is a field.
bool is_from_line_start(std::string_view line) {
  if (!line.starts_with(kFromName)) return false;
  const std::size_t next = line.find_first_not_of(" \t", kFromName.size());
  return next == std::string_view::npos || line[next] != ':';
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), lower);
  return small;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && starts_ignoring_case(a, b);
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

bool Field::matches(std::string_view pattern) const { return starts_ignoring_case(name(), pattern); }

void Field::rename(std::size_t length, std::string_view replacement) {
  if (is_from_line())
    for (std::size_t at = text.find("\n>"); at != std::string::npos; at = text.find("\n>", at + 1)) text[at + 1] = ' ';
  text.replace(0, length, replacement);
  name_length = name_length - length + replacement.size();
}

void Field::join_lines() {
  for (std::size_t at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1))
    if (is_blank(text[at + 1])) text[at] = ' ';
}

void Field::space_content() {
  if (name().ends_with(':') && !content().empty() && !is_blank(content()[0])) text.insert(name_length, 1, ' ');
}

bool Field::is_empty() const {
  return name().ends_with(':') && (content().empty() || (content().size() == 1 && is_blank(content()[0])));
}

NameSpan find_name(std::string_view line, bool from_line) {
  if (from_line && is_from_line_start(line)) return {kFromName.size(), kFromName.size()};
  std::size_t end = 0;
  while (end < line.size() && is_name_byte(line[end])) ++end;
  std::size_t colon = end;
  while (colon < line.size() && is_blank(line[colon])) ++colon;
  if (end == 0 || colon == line.size() || line[colon] != ':') return {};
  return {end, colon + 1};
}

Field make_field(std::string_view raw, NameSpan span) {
  Field field;
  field.text = raw.substr(0, span.name);
  if (span.name != span.whole) field.text += ':';
  field.name_length = field.text.size();
  field.text += raw.substr(span.whole);
  if (!field.text.ends_with('\n')) field.text += '\n';
  return field;
}

}  // namespace filter::compat
