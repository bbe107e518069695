// The checks of `sluice check`: what is wrong with rules that compile, one small function for each kind of mistake.
// SPDX-License-Identifier: Apache-2.0
//
//   std::vector<Subject> subjects = {{&source, &script, &diagnostics}};
//   look_over(subjects, true);          // adds warnings, puts all in order, takes out what comments silence
//
// Pure: reads trees and texts, and asks `world` for the rest. A check looks at one file, but may ask what all files
// set. Each has a stable name, by which a comment in the rules silences it (ignore.h) and sluice-checks(7) explains it.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filter/tools/lint/model.h"
#include "rules/ast.h"
#include "rules/diagnostic.h"

namespace filter::tools::lint {

// What a check may look at.
struct Look {
  const Model& file;
  const std::set<std::string>& set_somewhere;  // variables that some of the files set
  bool all_is_read;                            // no include is out of sight
};

// Where a check puts what it finds.
class Report {
 public:
  Report(const char* check, rules::Severity severity, std::vector<rules::Diagnostic>& found)
      : check_(check), severity_(severity), found_(found) {}
  void add(const rules::Position& where, std::string message) {
    found_.push_back({severity_, where, check_, std::move(message)});
  }

 private:
  const char* check_;
  rules::Severity severity_;
  std::vector<rules::Diagnostic>& found_;
};

struct Check {
  const char* name;
  rules::Severity severity;
  const char* summary;                 // what goes wrong, in one line
  void (*look)(const Look&, Report&);  // nullptr: the compiler or the command finds it
};

// All of them, by name.
std::span<const Check> checks();
const Check* find_check(std::string_view name);

struct Subject {
  const rules::Source* source = nullptr;
  const rules::Script* script = nullptr;
  std::vector<rules::Diagnostic>* found = nullptr;  // the compiler's; the checks add theirs
};

void look_over(std::span<const Subject> files, bool all_is_read, const World& world = {});

}  // namespace filter::tools::lint
