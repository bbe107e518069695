// What a new process does between fork and exec: its descriptors, directory, umask and signals, then the program.
// SPDX-License-Identifier: Apache-2.0
#include "filter/child_exec.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace filter {
namespace {

constexpr char kShell[] = "/bin/sh";
constexpr char kShellName[] = "sh";
constexpr std::string_view kDefaultPath = "/usr/local/bin:/usr/bin:/bin";  // where the environment has no PATH
constexpr int kExecFailed = 127;
constexpr int kFirstOther = 3;

std::string_view search_path(const std::vector<std::string>& environment) {
  constexpr std::string_view name = "PATH=";
  for (const std::string& entry : environment) {
    if (entry.starts_with(name)) return std::string_view(entry).substr(name.size());
  }
  return kDefaultPath;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));  // exec does not write there
  out.push_back(nullptr);
  return out;
}

// Whether a shell may read it: a regular file that we may open and whose first line holds no NUL, as a program of
// another machine would. Only system calls: this runs in the forked process.
bool is_script(const char* path) {
  const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return false;
  struct stat status{};
  char start[128];
  ssize_t got = -1;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) got = read(fd, start, sizeof start);
  close(fd);
  if (got < 0) return false;
  for (ssize_t i = 0; i < got && start[i] != '\n'; ++i) {
    if (start[i] == '\0') return false;
  }
  return true;
}

void default_signals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

std::vector<std::string> program_candidates(const std::string& program, const std::vector<std::string>& environment) {
  if (program.empty()) return {};
  if (program.find('/') != std::string::npos) return {program};
  std::string_view path = search_path(environment);
  std::vector<std::string> found;
  for (;;) {
    const auto colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);  // an empty one is the working directory
    found.push_back(folder.empty() ? "./" + program : std::string(folder) + "/" + program);
    if (colon == std::string_view::npos) return found;
    path.remove_prefix(colon + 1);
  }
}

ExecPlan::ExecPlan(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                   std::string last_resort)
    : last_resort_(std::move(last_resort)), argv_(pointers(argv)), environment_(pointers(environment)) {
  if (argv.empty()) return;
  candidates_ = program_candidates(argv.front(), environment);
  shell_word_ = argv.front().starts_with('-') ? "./" + argv.front() : argv.front();
  shell_argv_ = {const_cast<char*>(kShellName), nullptr};
  shell_argv_.insert(shell_argv_.end(), argv_.begin() + 1, argv_.end());
}

// The errno to report. As execvp: a file that is not ours to run does not end the search, but is what is told.
int ExecPlan::try_all() const {
  if (candidates_.empty()) return ENOENT;
  int reason = ENOENT;
  for (const std::string& candidate : candidates_) {
    execve(candidate.c_str(), argv_.data(), environment_.data());
    if (errno == ENOEXEC && is_script(candidate.c_str())) {
      shell_argv_[1] = const_cast<char*>(candidate.c_str());
      execve(kShell, shell_argv_.data(), environment_.data());
      return errno;
    }
    if (errno != ENOENT && errno != ENOTDIR) reason = errno;
    if (errno == E2BIG || errno == ENOMEM) return errno;
  }
  if (is_script(shell_word_.c_str())) {
    shell_argv_[1] = const_cast<char*>(shell_word_.c_str());
    execve(kShell, shell_argv_.data(), environment_.data());
    return errno;
  }
  if (!last_resort_.empty()) execve(last_resort_.c_str(), argv_.data(), environment_.data());
  return reason;
}

bool ExecPlan::take_stand(const ExecStand& stand) const {
  if (dup2(stand.input, STDIN_FILENO) < 0 || dup2(stand.output, STDOUT_FILENO) < 0 ||
      dup2(stand.errors, STDERR_FILENO) < 0) {
    return false;
  }
  if (stand.directory != AT_FDCWD && fchdir(stand.directory) != 0) return false;
  umask(static_cast<mode_t>(stand.umask & 0777));
  // Whatever else is open, ours or inherited, is not the program's. Old kernels lack the call; ours are closed anyway.
  syscall(SYS_close_range, static_cast<unsigned>(kFirstOther), ~0u, static_cast<unsigned>(CLOSE_RANGE_CLOEXEC));
  return true;
}

void ExecPlan::execute(const ExecStand& stand) const {
  setpgid(0, 0);
  default_signals();
  const int reason = take_stand(stand) ? try_all() : errno;
  [[maybe_unused]] const ssize_t told = write(stand.report, &reason, sizeof reason);
  _exit(kExecFailed);
}

}  // namespace filter
