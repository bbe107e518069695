// A command line of a recipe, a condition or a backquote, ready for either of the ways in which it may be run.
// SPDX-License-Identifier: Apache-2.0
//
// Which way is decided when it runs: by $SHELL, as `text`, if it has one of $SHELLMETAS; else directly, as the filled-in
// `words` (procmailrc(5), SHELLMETAS; PROCMAIL.md 14.4).
#pragma once

#include <string>
#include <string_view>

#include "rules/expansion.h"

namespace rules {

struct Command {
  std::string text;
  Expansion words;
};

Command read_command(std::string_view text);

}  // namespace rules
