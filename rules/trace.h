// What a run of the rules tried and what came of it, as plain values in order.
// SPDX-License-Identifier: Apache-2.0
//
//   struct Recorder : rules::Host { void observe(const rules::Event& event) override { events.push_back(event); } … };
//
// Ground floor: the interpreter writes events, tools and tests read them, nothing here knows either.
#pragma once

#include <optional>
#include <string>

namespace rules {

// A place in a rule file; columns and lines count from 1.
struct Position {
  std::string file;
  unsigned line = 0;
  unsigned column = 1;
};

struct Event {
  enum class Kind { Condition, Action, Assignment, Include, Note };
  Kind kind = Kind::Note;
  Position where;
  std::string text;            // the condition or action as written; for an assignment NAME=value
  std::optional<bool> held;    // a condition's or an action's result; nothing where it was not tried
  std::string why;             // in words: "no match in the header", "program exited 1"
};

}  // namespace rules
