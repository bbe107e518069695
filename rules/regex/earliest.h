// Finds where the earliest match ends, in one pass over the text: the automaton made deterministic as far as needed.
// SPDX-License-Identifier: Apache-2.0
//
// The sets of states met so far are kept with their transitions, so that most bytes cost one table look-up; a byte
// costs at most a walk over all states of the automaton. What is kept is bounded (kMaxKept...): when it is full it is
// dropped and made again as needed. Not to be used by two threads at once.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/regex/nfa.h"

namespace rules {

class EarliestEnd {
 public:
  static constexpr std::size_t kMaxKeptSets = 2000;

  explicit EarliestEnd(const Nfa& nfa, std::size_t max_kept_sets = kMaxKeptSets);

  // The number of framed bytes up to the end of the match that ends first, seen from framed offset `start` (0: with the
  // virtual LF before the area).
  std::optional<std::size_t> find(std::string_view framed, std::size_t start);

 private:
  static constexpr std::size_t kMaxKeptIds = std::size_t{1} << 20;  // state ids in all sets, and cells of the table
  using SetId = std::int32_t;
  static constexpr SetId kUnknown = -1;
  static constexpr unsigned kSpecialSymbols = 2;  // kAreaBegin, kAreaEnd, behind the classes of bytes

  struct KeyHash {
    std::size_t operator()(const std::vector<StateId>& key) const;
  };
  struct Kept {
    const std::vector<StateId>* states;  // points into ids_
    bool accepts;
  };

  unsigned area_begin() const { return nfa_.classes; }
  unsigned area_end() const { return nfa_.classes + 1; }

  SetId advance(SetId from, unsigned symbol);
  SetId make(SetId from, unsigned symbol);
  void follow(const State& state, unsigned symbol);
  void close(StateId id);
  SetId keep();
  SetId initial();
  void drop_all();

  const Nfa& nfa_;
  std::size_t max_kept_sets_;
  StateList reached_;
  std::vector<StateId> pending_;
  std::unordered_map<std::vector<StateId>, SetId, KeyHash> ids_;
  std::vector<Kept> kept_;
  std::vector<SetId> table_;  // kept_.size() rows of classes + kSpecialSymbols
  std::size_t kept_ids_ = 0;
  std::size_t drops_ = 0;
};

}  // namespace rules
