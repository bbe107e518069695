// Reads a password, twice from a terminal and without showing it, and prints its secret.
// SPDX-License-Identifier: Apache-2.0
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "mailbox/site/make_secret.h"
#include "pop3d/admin/commands.h"

namespace pop3d::admin {
namespace {

constexpr const char* kDefaultScheme = "YESCRYPT";

// A terminal that does not show what is typed, until this goes.
class Silence {
 public:
  Silence() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_silent_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (is_silent_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool is_silent_ = false;
};

std::string ask(const char* prompt, bool is_terminal) {
  std::string line;
  if (is_terminal) std::cerr << prompt << std::flush;
  const Silence silence;
  std::getline(std::cin, line);
  if (is_terminal) std::cerr << '\n';
  return line;
}

}  // namespace

int make_password(const CommandLine& line) {
  if (line.words.size() != 1) return complain("password takes no arguments: it reads the password from standard input");
  const bool is_terminal = ::isatty(STDIN_FILENO) == 1;
  const auto password = ask("Password: ", is_terminal);
  if (is_terminal && ask("Again: ", true) != password) return complain("these are two different passwords");
  const auto secret = mailbox::site::make_secret(line.scheme.empty() ? kDefaultScheme : line.scheme, password);
  if (!secret) return complain(secret.error().text);
  if (line.json) {
    std::puts(nlohmann::ordered_json{{"secret", *secret}}.dump().c_str());
  } else {
    std::puts(secret->c_str());
  }
  return kFine;
}

}  // namespace pop3d::admin
