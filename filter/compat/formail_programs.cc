// Processes for split messages.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/formail_programs.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "filter/exit_code.h"

namespace filter::compat {
namespace {

constexpr int kKilled = 69;  // EX_UNAVAILABLE
constexpr int kNoProgram = 127;

// What cannot be executed is a script for the shell, as formail has it; but never an option of the shell, which would
// read the mail as commands.
[[noreturn]] void become(char* const* argv, char* const* shell_argv) {
  ::execvp(argv[0], argv);
  if (argv[0][0] != '-') ::execv("/bin/sh", shell_argv);
  ::_exit(kNoProgram);
}

}  // namespace

std::optional<std::string> file_number(const char* preset, long index) {
  const std::string first = preset == nullptr ? "000" : preset;
  char* end = nullptr;
  const long base = std::strtol(first.c_str(), &end, 10);
  if (*end != '\0') return std::nullopt;
  long number = 0;
  if (__builtin_add_overflow(base, index, &number)) return std::nullopt;
  std::string digits = std::to_string(number);
  const std::size_t width = first.size() - (base < 0);
  if (digits.size() < width) digits.insert(number < 0, width - digits.size(), '0');
  return digits;
}

mailbox::Result<mailbox::UniqueFd> Programs::start(long index) {
  while (most_ > 0 && running_ >= most_ && wait_for_one()) continue;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return mailbox::system_failure("File table full");
  mailbox::UniqueFd out(ends[0]);
  mailbox::UniqueFd in(ends[1]);
  std::vector<std::string> words = words_;
  std::vector<char*> argv;
  std::string shell = "/bin/sh";
  std::vector<char*> shell_argv{shell.data()};
  for (std::string& word : words) {
    argv.push_back(word.data());
    shell_argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  shell_argv.push_back(nullptr);
  const auto number = file_number(std::getenv("FILENO"), index);
  const pid_t pid = ::fork();
  if (pid < 0) return mailbox::system_failure("Can't fork");
  if (pid == 0) {
    if (number) ::setenv("FILENO", number->c_str(), 1);
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(out.get(), STDIN_FILENO);
    become(argv.data(), shell_argv.data());
  }
  ++running_;
  return in;
}

bool Programs::wait_for_one() {
  int ended = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &ended, 0)) < 0 && errno == EINTR) continue;
  if (pid < 0) {
    running_ = 0;
    return false;
  }
  --running_;
  if (status_ == 0) status_ = WIFEXITED(ended) ? WEXITSTATUS(ended) : kKilled;
  return true;
}

void Programs::fed() {
  if (most_ == 1)
    while (running_ > 0 && wait_for_one()) continue;
}

int Programs::finish() {
  while (running_ > 0 && wait_for_one()) continue;
  return status_;
}

}  // namespace filter::compat
