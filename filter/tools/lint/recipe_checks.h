// Checks of single recipes: locks, waiting, flags, and actions that are read as something else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "filter/tools/lint/lint.h"

namespace filter::tools::lint {

void check_no_lock(const Look& look, Report& report);
void check_maildir_lock(const Look& look, Report& report);
void check_unwatched_program(const Look& look, Report& report);
void check_unwatched_filter(const Look& look, Report& report);
void check_useless_flags(const Look& look, Report& report);
void check_odd_folder(const Look& look, Report& report);

}  // namespace filter::tools::lint
