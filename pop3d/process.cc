// Processes of our own program.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <exception>

namespace pop3d {
namespace {

using mailbox::UniqueFd;

constexpr int kFirst = 3;
constexpr int kAside = 64;  // more than any process is given here
constexpr int kBroken = 70;

sigset_t signal_set(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  return set;
}

// Moves the descriptors to 3, 4 … and closes all behind them.
std::vector<UniqueFd> keep_only(std::vector<UniqueFd> kept) {
  std::vector<int> aside;
  for (auto& fd : kept) aside.push_back(::fcntl(fd.release(), F_DUPFD_CLOEXEC, kAside));
  std::vector<UniqueFd> moved;
  int next = kFirst;
  for (const int fd : aside) {
    ::dup3(fd, next, O_CLOEXEC);
    moved.emplace_back(next++);
  }
  ::close_range(static_cast<unsigned>(next), ~0u, 0);
  return moved;
}

int run(std::vector<UniqueFd> kept, const std::function<int(std::vector<UniqueFd>)>& body) {
  try {
    return body(keep_only(std::move(kept)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sluice-pop3d: %s\n", error.what());
  } catch (...) {
    std::fputs("sluice-pop3d: broken\n", stderr);
  }
  return kBroken;
}

}  // namespace

void block_signals(std::initializer_list<int> signals) {
  const auto set = signal_set(signals);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

UniqueFd signal_fd(std::initializer_list<int> signals) {
  const auto set = signal_set(signals);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

pid_t start_process(const char* name, std::vector<UniqueFd> kept,
                    const std::function<int(std::vector<UniqueFd>)>& body) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_NAME, name);
  ::_exit(run(std::move(kept), body));  // never back into the parent's stack
}

}  // namespace pop3d
