// The face of the engine: rule files in their order, a message, and what became of it.
// SPDX-License-Identifier: Apache-2.0
//
//   Plan plan;
//   plan.stages.push_back({.candidates = {{.path = "/home/anna/.procmailrc", .program = compile(source).program}}});
//   Verdict verdict = run(plan, start, host);
//   return verdict.exit_code;
//
// The order is procmail's (PROCMAIL.md 1.2): command-line assignments; each stage's first readable rc file, and the next
// one where HOST sent it away; the fall-back to DEFAULT and ORGMAIL; COMSAT; the abstract; TRAP. Clones of the run that a
// `c` block made come after it, one by one. Everything in the world is the host's (host.h).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mailbox/message.h"
#include "rules/environment.h"
#include "rules/host.h"
#include "rules/program.h"

namespace rules {

// An rc file that may be run.
struct RcFile {
  std::string path;                          // as $_ and the logs name it
  std::shared_ptr<const Program> program;    // nullptr: it could not be read, or is not trusted
  std::vector<std::string> notes;            // what the log then hears: Couldn't read "x"
};

// One turn of rules: the first candidate with a program runs; a HOST mismatch ends it and goes on to the next candidate,
// or to the next stage. Where there is none, the mail counts as delivered (PROCMAIL.md 20).
struct Stage {
  std::vector<std::pair<std::string, std::string>> settings;   // assigned before it, with their effects
  std::vector<std::pair<std::string, std::string>> defaults;   // then those that are unset, without a word
  bool silences = false;                                       // VERBOSE of the stages before ends here
  std::vector<RcFile> candidates;
};

struct Plan {
  std::vector<std::pair<std::string, std::string>> assignments;   // of the command line, still to be expanded
  std::vector<Stage> stages;
  bool fall_back = true;         // false: as with -m, nothing but the rules can deliver
  int failure_status = 73;       // when nothing took the message; 75 asks the MTA to keep it
  std::string host_name;         // what HOST is compared with
};

// What the run starts with.
struct Start {
  mailbox::Message message;
  Environment variables;
  Place place;
  std::vector<Value> arguments;  // $1, $2, …
  std::string argument_zero = "procmail";
  bool wants_biff = false;       // COMSAT is on unless the rules say otherwise
};

enum class Ending { Delivered, HostMismatch, Failed, Stopped };

struct Verdict {
  Ending ending = Ending::Failed;
  int exit_code = 75;
  std::string last_folder;
};

Verdict run(const Plan& plan, Start start, Host& host);

}  // namespace rules
