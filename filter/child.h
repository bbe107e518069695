// Runs the rules' programs: feeds one the message, collects what it prints, and ends it when its time is up.
// SPDX-License-Identifier: Apache-2.0
//
//   Children children;
//   auto outcome = children.run({.directory = dir, .umask = 077, .errors = log_fd}, call);
//   if (!outcome.succeeded()) …            // the action failed; the next recipe runs
//
// A program is executed directly, looked up in the PATH of the call's own environment. Where that fails although the
// file is there as named, `/bin/sh FILE arguments` runs it, so that scripts need neither x bit nor `#!` (procmail does
// the same). It gets its own process group, default signals, no descriptors but 0, 1 and 2, and where the call asks for
// no output a standard output of /dev/null (PROCMAIL.md 1.3).
//
// What a program did not read of its input counts as taken once it lies in the pipe, and the pipe is filled before the
// program starts: `| true` succeeds with every message that fits (64 KiB), and fails with every other. A write error is
// no failure with flag i, and none of a condition's, a backquote's or TRAP's program.
//
// Times: the call's timeout ends the process group by SIGTERM, and kKillGrace later by SIGKILL (CONTRACT.md 5.7). After
// the program itself has ended, its output is waited for to its end, for that is how a filter in the background works.
// Blocks until then; throws nothing but bad_alloc.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/host.h"

namespace filter {

inline constexpr std::chrono::milliseconds kKillGrace{2000};  // between SIGTERM and SIGKILL
inline constexpr std::size_t kOutputDrainLimit = 64u << 20;   // read and dropped beyond output_limit, then closed
inline constexpr std::size_t kErrorOutputLimit = 64u << 10;   // of one program's stderr that reaches a sink

// Where a program runs, and who hears what it complains about.
struct ChildPlace {
  int directory = -100;  // AT_FDCWD: where we are; else a directory's descriptor
  unsigned umask = 077;
  int errors = -1;  // its standard error; -1: `error_sink`, or /dev/null
  // Takes what a program that is waited for prints on standard error, piecewise; for logs that are no descriptor.
  std::function<void(std::string_view)> error_sink{};
  // The file that holds our own formail, lockfile and mailstat: it is run where PATH has no program of such a name.
  // Empty: none is.
  std::string own_binary{};
  // Whether we are to stop: asked when a signal arrives while waiting, and the program is ended then. May be empty.
  std::function<bool()> stop{};
  std::chrono::milliseconds kill_grace = kKillGrace;
};

// The programs of one run. Those that are not waited for (`wait` false) go on after us; they are reaped as they end.
class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children() { reap(); }

  rules::ProgramOutcome run(const ChildPlace& place, const rules::ProgramCall& call);
  std::size_t unwaited() const { return unwaited_.size(); }

 private:
  void reap();
  std::vector<pid_t> unwaited_;
};

}  // namespace filter
