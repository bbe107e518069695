// The recipes of a dry-run's rule files, so that those which no message reached can be told too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "filter/tools/dry_run_plan.h"

namespace filter::tools {

struct ListedRecipe {
  unsigned line = 0;
  std::string text;  // its conditions and its action on one line: "^Subject: x -> box"
};

struct ListedRules {
  std::string path;
  std::string text;
  std::vector<ListedRecipe> recipes;
};

// The rule files that the plan names and those which they include, as far as their text tells (rule_files.h), in the
// order in which they are met. What cannot be read again, a pipe, is listed without its includes.
std::vector<ListedRules> list_rules(const DryPlan& plan);

}  // namespace filter::tools
