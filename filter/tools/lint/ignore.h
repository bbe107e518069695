// Comments in rules that silence checks: `# sluice: ignore NAME...`.
// SPDX-License-Identifier: Apache-2.0
//
//   # sluice: ignore no-lock          before the first statement, with an empty line below: in the whole file
//
//   # sluice: ignore no-lock          above a statement or recipe: in that one, down to its action
//   :0
//   box
#pragma once

#include <vector>

#include "filter/tools/lint/model.h"
#include "rules/diagnostic.h"

namespace filter::tools::lint {

// Takes out what the file's comments silence, and reports names that are no check's (`unknown-check`).
void apply_ignores(const Model& model, std::vector<rules::Diagnostic>& found);

}  // namespace filter::tools::lint
