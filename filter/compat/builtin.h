// formail run for the rules within the agent, where nobody could tell it from a process (README.md says when).
// SPDX-License-Identifier: Apache-2.0
//
//   OwnBinary own("/proc/self/exe");
//   if (auto outcome = run_builtin(own, place, call)) return *outcome;
//   return children.run(place, call);
//
// Nothing is returned, and nothing has been done, wherever a process has to be started.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "filter/child.h"
#include "rules/host.h"

namespace filter::compat {

// The file that holds our programs. Default: none, and everything is left to processes.
class OwnBinary {
 public:
  OwnBinary() = default;
  explicit OwnBinary(const std::string& path);
  // Whether the call's PATH leads to us: the first program of that name is ours, or there is none.
  bool is_meant_by(const ChildPlace& place, const rules::ProgramCall& call) const;

 private:
  bool known_ = false;
  struct stat file_{};
};

std::optional<rules::ProgramOutcome> run_builtin(const OwnBinary& own, const ChildPlace& place,
                                                 const rules::ProgramCall& call);

}  // namespace filter::compat
