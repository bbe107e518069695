// What is wrong with a rule file, said so that its author finds the place: file:line:column, the line, a caret.
// SPDX-License-Identifier: Apache-2.0
//
//   diagnostics.push_back({Severity::Error, source.position(offset), "missing-action", "this recipe has no action"});
//   fputs(render(source, diagnostics[0]).c_str(), stdout);
//
//   rc:3:1: error: this recipe has no action [missing-action]
//   :0
//   ^
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/trace.h"

namespace rules {

// A rule file's text and its name, or a part of a file that begins with its line `first_line`; line starts are found as
// far as they are asked for.
class Source {
 public:
  Source(std::string name, std::string text, unsigned first_line = 1);
  const std::string& name() const { return name_; }
  std::string_view text() const { return *text_; }
  const std::shared_ptr<const std::string>& shared_text() const { return text_; }
  Position position(std::size_t offset) const;
  std::string_view line(unsigned number) const;   // from 1, without its LF

 private:
  void find_lines(std::size_t up_to) const;

  std::string name_;
  std::shared_ptr<const std::string> text_;
  unsigned first_line_;
  mutable std::vector<std::size_t> line_starts_{0};
};

enum class Severity { Error, Warning };

struct Diagnostic {
  Severity severity = Severity::Error;
  Position where;
  std::string check;      // its stable name: "missing-action"
  std::string message;    // what is wrong, and what to write instead
};

// "file:line:column: error: message [check]", the source line, a caret under the column; each ends in LF.
std::string render(const Source& source, const Diagnostic& diagnostic);

}  // namespace rules
