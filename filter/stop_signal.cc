// Requests to stop: which signals the agent notes, and the exit code that each asks for.
// SPDX-License-Identifier: Apache-2.0
#include "filter/stop_signal.h"

#include <signal.h>

#include "filter/exit_code.h"

namespace filter {
namespace {

volatile sig_atomic_t first_signal = 0;

void note(int number) {
  if (first_signal == 0) first_signal = number;
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action{};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // an append is not to be cut short; whoever waits long asks for himself
  action.sa_handler = note;
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  for (const int number : {SIGPIPE, SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR1, SIGUSR2}) sigaction(number, &action, nullptr);
}

std::optional<int> stop_exit_code() {
  switch (first_signal) {
    case 0:
      return std::nullopt;
    case SIGQUIT:
      return to_status(ExitCode::Ok);
    case SIGTERM:
      return to_status(ExitCode::TempFail);
    default:
      return to_status(ExitCode::CannotCreate);
  }
}

}  // namespace filter
