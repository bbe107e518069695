// lockfile(1)'s command line as a list of steps, done one after the other. Pure.
// SPDX-License-Identifier: Apache-2.0
//
//   for (const Step& step : read_lockfile_words(words)) …      // -r3 a -ml  ->  retries 3, file a, lock-mailbox
//
// Flags can stand anywhere and count from there on, so nothing is known before it is reached; a wrong word is a step
// too, always the last, and files in front of it are made (and removed) all the same.
//
// As the real program reads them: flags may share a word ("-!r0", "-1r3"); a value that is a word of its own may go on
// with flags ("-r" "0!"); a value without digits is 0; numbers are cut to an int; a lone "-" is nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace filter::compat {

enum class StepKind {
  SleepTime,      // -N: number of seconds
  Retries,        // -r: negative for ever
  LockTimeout,    // -l: seconds; 0 never forces
  Suspend,        // -s: seconds
  Invert,         // -!
  File,           // a lock file's name
  LockMailbox,    // -ml
  UnlockMailbox,  // -mu
  Version,        // -v, with which it ends
  Help,           // -h, -?: usage and what the flags mean; the end
  Usage,          // a wrong word; the end
};

struct Step {
  StepKind kind = StepKind::Usage;
  int number = 0;         // a value; with Version, Help and Usage: how many more times the usage is told; with
                          // LockMailbox: how many ! stand before it in its word
  std::string text = {};  // File
  bool operator==(const Step&) const = default;
};

std::vector<Step> read_lockfile_words(std::span<const std::string> words);

}  // namespace filter::compat
