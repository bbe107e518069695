// What a new process does between fork and exec, prepared before the fork so that it only makes system calls.
// SPDX-License-Identifier: Apache-2.0
//
//   ExecPlan plan(call.argv, call.environment);       // before fork: everything that allocates
//   if (fork() == 0) plan.execute(stand);              // never returns; writes errno to stand.report if exec fails
#pragma once

#include <string>
#include <vector>

namespace filter {

// Descriptors and values that the program is to have; all descriptors are 3 or more and close on exec.
struct ExecStand {
  int input = -1;
  int output = -1;
  int errors = -1;
  int directory = -100;  // AT_FDCWD: stay
  unsigned umask = 077;
  int report = -1;  // gets errno as an int when there is nothing to run; closed by a successful exec
};

// Where a program of that name may lie, in the order in which it is looked for.
std::vector<std::string> program_candidates(const std::string& program, const std::vector<std::string>& environment);

class ExecPlan {
 public:
  // Views into both vectors are kept: they must outlive the plan unchanged. `last_resort`: the file that is run where
  // nothing else is found; empty: none.
  ExecPlan(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
           std::string last_resort = {});
  ExecPlan(const ExecPlan&) = delete;
  ExecPlan& operator=(const ExecPlan&) = delete;

  [[noreturn]] void execute(const ExecStand& stand) const;

 private:
  int try_all() const;
  bool take_stand(const ExecStand& stand) const;

  std::vector<std::string> candidates_;  // where argv[0] may lie, in order
  std::string last_resort_;
  std::vector<char*> argv_;
  std::vector<char*> environment_;
  std::string shell_word_;                 // argv[0] as /bin/sh is to read it: never an option
  mutable std::vector<char*> shell_argv_;  // /bin/sh FILE arguments; FILE is filled in before use
};

}  // namespace filter
