// Source positions, and diagnostics as text.
// SPDX-License-Identifier: Apache-2.0
#include "rules/diagnostic.h"

#include <algorithm>

namespace rules {

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)), line_starts_{0} {
  for (std::size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1))
    line_starts_.push_back(at + 1);
}

Position Source::position(std::size_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<unsigned>(next - line_starts_.begin());
  return {name_, line, static_cast<unsigned>(offset - line_starts_[line - 1]) + 1};
}

std::string_view Source::line(unsigned number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::string_view rest = std::string_view(text_).substr(line_starts_[number - 1]);
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
