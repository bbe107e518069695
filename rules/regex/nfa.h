// The linear engine's program: the tree as a nondeterministic automaton over classes of bytes.
// SPDX-License-Identifier: Apache-2.0
//
// It reads the framed area (SearchText): the LF before the area as the symbol kAreaBegin, which `^`, `$`, `\<` and any
// set with LF accept, and `^^` alone accepts nothing else; the area's bytes; then the symbol kAreaEnd, which `^^` at
// the end waits for and all others ignore; and the LF behind the area as an ordinary byte. Searching on from the middle
// of an area, there is no kAreaBegin (so `^^x` is found once in a weighted condition).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "rules/regex/regex_ast.h"

namespace rules {

using StateId = std::uint32_t;

enum class StateKind : std::uint8_t { Bytes, AreaStart, AreaEnd, Marker, Split, Accept };

struct State {
  StateKind kind = StateKind::Accept;
  std::uint32_t set = 0;  // Bytes: index into Nfa::sets
  StateId next = 0;
  StateId other = 0;  // Split: the second way
};

// States in number at most twice the nodes of the tree, plus one.
struct Nfa {
  std::vector<State> states;
  std::vector<ByteSet> sets;
  StateId start = 0;
  // Bytes that no set tells apart have the same class.
  std::array<std::uint8_t, 256> byte_class{};
  unsigned classes = 1;
  // A byte of each class.
  std::vector<std::uint8_t> representative;

  // Whether `state` accepts a symbol; not for Split and Marker, which are passed without one.
  bool takes_byte(const State& state, std::uint8_t byte) const {
    return state.kind == StateKind::Bytes && sets[state.set].test(byte);
  }
  bool takes_area_begin(const State& state) const {
    return state.kind == StateKind::AreaStart || takes_byte(state, '\n');
  }
};

Nfa build_nfa(const Tree& tree);

// A set of states that keeps the order of insertion and is emptied at once.
class StateList {
 public:
  explicit StateList(std::size_t capacity) : where_(capacity), list_(capacity) {}
  // False if it was in already.
  bool insert(StateId id) {
    if (contains(id)) return false;
    where_[id] = static_cast<StateId>(size_);
    list_[size_++] = id;
    return true;
  }
  bool contains(StateId id) const { return where_[id] < size_ && list_[where_[id]] == id; }
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  StateId operator[](std::size_t at) const { return list_[at]; }

 private:
  std::size_t size_ = 0;
  std::vector<StateId> where_;
  std::vector<StateId> list_;
};

}  // namespace rules
