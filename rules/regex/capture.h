// Finds MATCH: the earliest place of the marker `\/`, and from there the longest match (PROCMAIL.md 10).
// SPDX-License-Identifier: Apache-2.0
//
// What decides, in this order:
// 1. Some match that ends where the earliest one ends must have crossed a marker; else MATCH keeps its old value (R38).
// 2. Of all matches, the one whose marker lies earliest wins; where several lie on its way, the first.
// 3. Of those, the longest. The order of alternatives means nothing.
// The real procmail answers in rule 1 to 3 by the order of alternatives in a few cases that we take as defects of the
// kind of 10.6: a marker that was passed on a way that failed later, a marker in a loop, a `+` directly before it.
//
// A walk may read far behind the earliest end to find the longest: the caller says how far, and is told.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/regex/nfa.h"

namespace rules {

// Not to be used by two threads at once.
class CaptureWalk {
 public:
  explicit CaptureWalk(const Nfa& nfa);

  // Offsets in `framed` of marker and end. `start` and `earliest_end` are what EarliestEnd::find was given and gave. At
  // most `read_on` bytes behind `earliest_end` are looked at; those that were are taken off it.
  std::optional<std::pair<std::size_t, std::size_t>> find(std::string_view framed, std::size_t start,
                                                          std::size_t earliest_end, std::size_t& read_on);

 private:
  enum class Symbol { AreaBegin, Byte, AreaEnd };

  bool takes(const State& state, Symbol symbol, std::size_t behind) const;
  void step(std::size_t behind, Symbol symbol);
  void swap_lists(std::size_t at);
  void enter_plain(StateId id);
  void enter_marked(StateId id, std::size_t marker);
  void note_matches(std::size_t at);

  const Nfa& nfa_;
  std::string_view framed_;
  std::optional<std::pair<std::size_t, std::size_t>> found_;
  std::vector<std::size_t> marker_;
  StateList plain_;
  StateList marked_;
  StateList next_plain_;
  StateList next_marked_;
  std::vector<std::size_t> next_marker_;
  std::vector<StateId> pending_;
  std::vector<StateId> fresh_;
};

}  // namespace rules
