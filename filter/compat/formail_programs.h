// Starts a program for each message of a split, feeds it, and collects the exit codes.
// SPDX-License-Identifier: Apache-2.0
//
//   Programs programs({"procmail"}, most);
//   auto feed = programs.start(number);   // Result<UniqueFd>: write the message there, then close it
//   int status = programs.finish();       // the first exit code that is not 0, 69 for a program killed by a signal
//
// Source: formail(1) on -s, -n and FILENO.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace filter::compat {

// FILENO for message `index`, as it was preset ("007": 7, three digits); not set: FILENO is left alone.
std::optional<std::string> file_number(const char* preset, long index);

class Programs {
 public:
  // `most`: how many run at once; 1 waits for each, 0 is no limit.
  Programs(const std::vector<std::string>& words, long most) : words_(words), most_(most) {}
  // Waits for one to end if too many run.
  mailbox::Result<mailbox::UniqueFd> start(long index);
  // After the feed is closed: waits unless programs may run side by side.
  void fed();
  int finish();

 private:
  bool wait_for_one();

  const std::vector<std::string>& words_;
  long most_;
  long running_ = 0;
  int status_ = 0;
};

}  // namespace filter::compat
