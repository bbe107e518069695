// procmail's command line (procmail(1); PROCMAIL.md 2).
// SPDX-License-Identifier: Apache-2.0
//
//   ProcmailOptions options = read_options({"-t", "-a", "lists", "-m", "rc", "one"});
//   options.filter_mode; options.rc_files;   // true, {"rc"}
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace filter {

struct ProcmailOptions {
  bool version = false;                     // -v
  bool help = false;                        // -h, -?
  bool keep_environment = false;            // -p
  bool fail_temporarily = false;            // -t
  bool override_from_line = false;          // -o
  bool filter_mode = false;                 // -m
  bool deliver_mode = false;                // -d
  bool lmtp = false;                        // -z
  std::optional<std::string> sender;        // -f, -r; "-" only refreshes the time
  std::vector<std::string> arguments;       // -a, and with -m what stands behind the rc file
  std::vector<std::string> recipients;      // -d
  std::vector<std::pair<std::string, std::string>> assignments;   // NAME=value
  std::vector<std::string> rc_files;
  std::vector<std::string> complaints;      // for the log: Unrecognised options: "x", Conflicting options
  bool unknown = false;                     // one of them is about unknown options
};

// Never fails: what is unknown is complained about, and the rest counts. -Y and -y change nothing (CONTRACT.md 5.1).
ProcmailOptions read_options(std::span<const std::string> words);

}  // namespace filter
