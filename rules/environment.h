// The variables of a run: all are the environment of its programs, some also have a number that the engine obeys.
// SPDX-License-Identifier: Apache-2.0
//
//   Environment variables;
//   variables.set("TIMEOUT", Value("30"));
//   variables.number(Number::Timeout);       // 30
//   variables.exported();                    // {"TIMEOUT=30"}
//
// A plain value: a clone of a run has its own. What an assignment does to the world is the interpreter's (procmailrc(5),
// "Environment"; PROCMAIL.md 20).
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/value.h"

namespace rules {

// Variables that are obeyed as numbers; one whose text says nothing keeps its old number.
enum class Number { Verbose, LockSleep, LockTimeout, Timeout, Suspend, LineBuffer, LogAbstract, ExitCode, Delivered, DropPrivileges, Shift, MatchDecoded };
inline constexpr std::size_t kNumbers = 12;

class Environment {
 public:
  Environment();

  // nullptr: unset.
  const Value* find(std::string_view name) const;
  std::string text(std::string_view name) const;   // empty where unset
  void set(const std::string& name, Value value);
  void unset(const std::string& name);

  // Sizes and times in the units of procmailrc(5); LineBuffer 0: the rules have not set it.
  long number(Number which) const { return numbers_[static_cast<std::size_t>(which)]; }
  // NAME=value of every variable whose name an environment can carry, by name.
  std::vector<std::string> exported() const;

 private:
  std::map<std::string, Value, std::less<>> values_;
  std::array<long, kNumbers> numbers_;
};

// A number as procmail reads one: decimal digits, or the first letters of yes/true/on (1), no/false/off (0), all (2);
// `otherwise` for everything else.
long read_number(std::string_view text, long otherwise);

}  // namespace rules
