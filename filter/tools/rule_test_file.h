// The expectations of one rule test: a NAME.expect file (CONTRACT.md 4).
// SPDX-License-Identifier: Apache-2.0
//
//   rules my.rc                          the rules, beside the file; `rc`, if it does not say
//   set SENDER=anna                      a variable
//   arg +lists                           $1, then $2, …
//   exec "spamc *" exit 0 output "..."   what a program would do; the command is a glob
//   maildir lists/dev                    and then what must happen, in order
//   header "X-Seen: yes"                 of the message as the action above got it
//   exit 0
//
// Empty lines and those that begin with '#' say nothing. In quotes \n \t \" and \\ are what they are elsewhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mailbox/result.h"

namespace filter::tools {

// What a program is taken to have done.
struct StandIn {
  std::string command;  // a glob (fnmatch(3))
  int status = 0;
  bool has_output = false;
  std::string output;
};

// Something that must happen, or that happened: "mbox" "inbox"; "exit" "73".
struct Deed {
  std::string kind;
  std::string what;
  bool operator==(const Deed&) const = default;
};

struct RuleTestFile {
  std::string rules;  // empty: not said
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> arguments;
  std::vector<StandIn> programs;
  std::vector<Deed> expected;
  std::string kept;  // the text without its deeds, for --update
};

// Permanent, as "NAME.expect:3: …": a line that is none of the above.
mailbox::Result<RuleTestFile> read_rule_test(const std::string& name, std::string_view text);

// As a line of the file: `maildir lists/dev`, `pipe "cat"`, `exit 0`.
std::string line_of(const Deed& deed);

}  // namespace filter::tools
