// Where the delivery agent's diagnostics go: LOGFILE, standard error, or the system's log.
// SPDX-License-Identifier: Apache-2.0
//
//   Log log = Log::to_descriptor(STDERR_FILENO);            // procmail: standard error as given, until LOGFILE is set
//   Log log = Log::for_delivery(config.log_target);         // sluice deliver: never the mail server's descriptors
//   log.write("procmail: Skipped \"x\"\n");
//
// Under `sluice deliver` standard output and error belong to the mail server, which takes their first line as the
// reason of a failure (CONTRACT.md 2). So `auto` and `stderr` mean syslog there; `journal` falls back to syslog, and so
// does a file that cannot be opened. Syslog and journal are told by one datagram a line, facility mail, priority info;
// where nobody listens the line is lost: a delivery does not fail, and waits at most a fifth of a second, for its log.
//
// Text goes to a file or descriptor as it comes, by one write() where the system takes it whole, so lines of several
// agents do not mix. Lines for the system's log are collected up to their end, and control bytes in them become `?`.
// No error is told: there is nobody left to tell.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace filter {

inline constexpr std::size_t kLogLineLimit = 8000;  // longer lines reach the system's log in pieces

// The sockets of the system's log.
struct LogSockets {
  std::string syslog = "/dev/log";
  std::string journal = "/run/systemd/journal/socket";
};

class Log {
 public:
  // Borrows `fd`, which must stay open.
  static Log to_descriptor(int fd);
  // `target` is log.target: auto, stderr, syslog, journal, or a file's absolute path.
  static Log for_delivery(const std::string& target, LogSockets sockets = {});

  Log(Log&&) = default;
  Log& operator=(Log&&) = delete;
  ~Log();

  // LOGFILE=path: from now on that file, made with 0666 less `umask`; an empty path is /dev/null. An error leaves the
  // log as it was. A FIFO that nobody reads is an error, not a wait.
  mailbox::Result<void> open_file(int directory, const std::string& path, unsigned umask);
  // Where text goes now, and back to there: rules that go on beside each other each have their own LOGFILE.
  struct Kept {
    std::shared_ptr<mailbox::UniqueFd> file;
    int descriptor = -1;
    bool has_file = false;
  };
  Kept keep() const { return {file_, descriptor_, has_file_}; }
  void restore(const Kept& kept);
  // Whether LOGFILE has been set.
  bool has_file() const { return has_file_; }

  void write(std::string_view text);

  // What programs get as standard error; -1: no descriptor will do, give write() what they print.
  int program_errors() const { return descriptor_; }

 private:
  enum class System { None, Syslog, Journal };

  Log() = default;
  void send_lines();
  void send(std::string_view line);
  bool connect_to(const std::string& path);
  bool connect();

  int descriptor_ = -1;     // a file or standard error; -1: the system's log
  std::shared_ptr<mailbox::UniqueFd> file_;  // owns descriptor_ where that is a file
  bool has_file_ = false;
  System system_ = System::None;
  LogSockets sockets_;
  mailbox::UniqueFd socket_;
  std::string line_;  // what has no line end yet
};

}  // namespace filter
