// Source positions, and diagnostics as text.
// SPDX-License-Identifier: Apache-2.0
#include "rules/diagnostic.h"

#include <algorithm>

namespace rules {

Source::Source(std::string name, std::string text, unsigned first_line)
    : name_(std::move(name)), text_(std::make_shared<const std::string>(std::move(text))), first_line_(first_line) {}

void Source::find_lines(std::size_t up_to) const {
  while (line_starts_.back() <= up_to) {
    const std::size_t end = text_->find('\n', line_starts_.back());
    if (end == std::string::npos) break;
    line_starts_.push_back(end + 1);
  }
}

Position Source::position(std::size_t offset) const {
  find_lines(offset);
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<unsigned>(next - line_starts_.begin());
  return {name_, line - 1 + first_line_, static_cast<unsigned>(offset - line_starts_[line - 1]) + 1};
}

std::string_view Source::line(unsigned number) const {
  find_lines(text_->size());
  if (number < first_line_ || number - first_line_ >= line_starts_.size()) return {};
  const std::string_view rest = text().substr(line_starts_[number - first_line_]);
  return rest.substr(0, rest.find('\n'));
}

namespace {

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The line and a caret below the column; of a line that is too long to be looked at, the part around it. The text goes
// to terminals: control bytes become '?', TABs stay so that the caret stands where it should.
std::string shown(std::string_view line, std::size_t column) {
  constexpr std::size_t kLongest = 240;
  constexpr std::size_t kBefore = 80;
  std::size_t begin = 0;
  std::size_t end = line.size();
  const std::size_t at = std::min(column - 1, line.size());
  if (line.size() > kLongest) {
    begin = at > kBefore ? at - kBefore : 0;
    end = std::min(begin + kLongest, line.size());
    while (begin > 0 && continues_character(line[begin])) --begin;
    while (end < line.size() && continues_character(line[end])) ++end;
  }
  std::string out = begin > 0 ? "..." : "";
  std::string below(out.size(), ' ');
  for (std::size_t i = begin; i < end; ++i) {
    const char c = line[i];
    out += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? '?' : c;
    if (i < at && !continues_character(c)) below += c == '\t' ? '\t' : ' ';
  }
  return out + (end < line.size() ? "...\n" : "\n") + below + "^\n";
}

}  // namespace

std::string render(const Source& source, const Diagnostic& diagnostic) {
  const Position& where = diagnostic.where;
  std::string out = where.file + ':' + std::to_string(where.line) + ':' + std::to_string(where.column) +
                    (diagnostic.severity == Severity::Error ? ": error: " : ": warning: ") + diagnostic.message + " [" +
                    diagnostic.check + "]\n";
  return out + shown(source.line(where.line), where.column);
}

}  // namespace rules
