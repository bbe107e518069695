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

#include <string>
#include <string_view>
#include <vector>

#include "rules/trace.h"

namespace rules {

// A rule file's text and its name; line starts are found once.
class Source {
 public:
  Source(std::string name, std::string text);
  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  Position position(std::size_t offset) const;
  std::string_view line(unsigned number) const;   // from 1, without its LF

 private:
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;
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
