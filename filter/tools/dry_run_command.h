// `sluice dry-run`: what the rules would do with saved mail.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice dry-run" (CONTRACT.md 2). Decides for each message and changes nothing but --output's file;
// starts no process but those that --exec allows (then one message at a time).
// The outcome is that of the action that ended the rules: delivered, discarded, forwarded or piped; if none did, and
// the exit code is 0, that of the last copy, or lost; refused if nothing took the message and the sender hears of it
// (73: returned, 75: tried again); unknown if no decision could be made, for want of memory. What was assumed on the
// way is listed and changes no outcome's name. Exit code: 0; 2 for usage, rules, configuration or mail that cannot be
// read (the other mail is decided all the same).
int dry_run_command(std::span<const std::string> arguments);

}  // namespace filter::tools
