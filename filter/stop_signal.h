// Requests to stop: which signals the agent notes, and the exit code that each asks for.
// SPDX-License-Identifier: Apache-2.0
//
//   install_signal_handlers();                            // once, in main, before the rules run
//   if (auto code = stop_exit_code()) return *code;       // between statements
//
// SIGTERM: 75, the mail server keeps the message. SIGHUP and SIGINT: 73, it is bounced. SIGQUIT: 0, it is dropped on
// purpose (PROCMAIL.md 1.4). The first one counts. SIGPIPE, SIGXCPU and SIGXFSZ are ignored, so that they come as
// errors of the call; so are SIGALRM, SIGUSR1 and SIGUSR2, which would end the agent in the middle of an append.
// A handler can only reach what is global: one flag, which is the process's by nature.
#pragma once

#include <optional>

namespace filter {

void install_signal_handlers();
std::optional<int> stop_exit_code();

}  // namespace filter
