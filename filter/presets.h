// The variables that a run starts with (PROCMAIL.md 20): who the recipient is, and procmail's defaults.
// SPDX-License-Identifier: Apache-2.0
//
//   rules::Environment variables = preset_variables({.name = "anna", .home = "/home/anna", .inbox = "/var/mail/anna"});
//
// Pure: what the world knows (NSS, environ, the host's name) is the caller's to look up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/environment.h"

namespace filter {

inline constexpr std::string_view kSystemPath = "/usr/local/bin:/usr/bin:/bin";   // PATH, behind $HOME/bin

struct Recipient {
  std::string name;                  // LOGNAME
  std::string home;                  // HOME, and where MAILDIR starts
  std::string shell = "/bin/sh";     // SHELL
  std::string inbox;                 // ORGMAIL and DEFAULT
  std::string host_name;             // HOST
  std::string start = {};            // MAILDIR, where it is not HOME
};

// `kept`: NAME=value of an environment that -p or TZ keeps; names that could subvert programs are left out.
rules::Environment preset_variables(const Recipient& recipient, const std::vector<std::string>& kept = {});

// Whether a variable of the environment is kept under -p (PROCMAIL.md 20, last paragraph).
bool is_keepable(std::string_view assignment);

}  // namespace filter
