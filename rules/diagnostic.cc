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

std::string render(const Source& source, const Diagnostic& diagnostic) {
  const Position& where = diagnostic.where;
  std::string out = where.file + ':' + std::to_string(where.line) + ':' + std::to_string(where.column) +
                    (diagnostic.severity == Severity::Error ? ": error: " : ": warning: ") + diagnostic.message + " [" +
                    diagnostic.check + "]\n";
  const std::string_view line = source.line(where.line);
  // The text goes to terminals: control bytes become '?', TABs stay so that the caret stands below its column.
  for (const char c : line) out += (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? '?' : c;
  out += '\n';
  for (unsigned i = 1; i < where.column; ++i) out += i <= line.size() && line[i - 1] == '\t' ? '\t' : ' ';
  return out + "^\n";
}

}  // namespace rules
