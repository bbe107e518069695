// Checks of values, words and the variables in them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "filter/tools/lint/lint.h"

namespace filter::tools::lint {

void check_tilde(const Look& look, Report& report);
void check_stray_word(const Look& look, Report& report);
void check_blank_in_default(const Look& look, Report& report);
void check_shell_substitution(const Look& look, Report& report);
void check_argument_digits(const Look& look, Report& report);
void check_unset_variable(const Look& look, Report& report);
void check_unsafe_match(const Look& look, Report& report);

}  // namespace filter::tools::lint
