// Checks of conditions, most of them of regular expressions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "filter/tools/lint/lint.h"

namespace filter::tools::lint {

void check_unescaped_dot(const Look& look, Report& report);
void check_perl_regexp(const Look& look, Report& report);
void check_lost_backslash(const Look& look, Report& report);
void check_to_macro(const Look& look, Report& report);
void check_quantifier_before_match(const Look& look, Report& report);
void check_comment_in_condition(const Look& look, Report& report);
void check_missing_dollar(const Look& look, Report& report);
void check_dollar_quotes(const Look& look, Report& report);
void check_size_number(const Look& look, Report& report);

}  // namespace filter::tools::lint
