// Checks of what stands before what: recipes that never run, recipes that are there twice, HOST.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "filter/tools/lint/lint.h"

namespace filter::tools::lint {

void check_unreachable(const Look& look, Report& report);
void check_duplicate_recipe(const Look& look, Report& report);
void check_host_trap(const Look& look, Report& report);

}  // namespace filter::tools::lint
