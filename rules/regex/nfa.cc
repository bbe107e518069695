// Builds the automaton from the tree, last node first: each piece is told which state follows it.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/nfa.h"

#include <map>
#include <utility>

namespace rules {
namespace {

class Builder {
 public:
  explicit Builder(const Tree& tree) : tree_(tree) {}

  Nfa build() {
    nfa_.sets = tree_.sets;
    nfa_.start = piece(tree_.root, add({StateKind::Accept}));
    split_bytes();
    return std::move(nfa_);
  }

 private:
  StateId add(State state) {
    nfa_.states.push_back(state);
    return static_cast<StateId>(nfa_.states.size() - 1);
  }

  // The state that begins `id` and goes on with `next`.
  StateId piece(NodeId id, StateId next) {
    const Node& node = tree_.at(id);
    switch (node.kind) {
      case NodeKind::Empty:
        return next;
      case NodeKind::Bytes:
        return add({StateKind::Bytes, node.set, next});
      case NodeKind::AreaStart:
        return add({StateKind::AreaStart, 0, next});
      case NodeKind::AreaEnd:
        return add({StateKind::AreaEnd, 0, next});
      case NodeKind::Marker:
        return add({StateKind::Marker, 0, next});
      case NodeKind::Concat:
        return sequence(node, next);
      case NodeKind::Alternate:
        return alternatives(node, next);
      case NodeKind::Optional:
        return add({StateKind::Split, 0, piece(node.child, next), next});
      case NodeKind::Star:
        return loop(node, next);
      case NodeKind::Plus:
        return nfa_.states[loop(node, next)].next;
    }
    return next;
  }

  StateId sequence(const Node& node, StateId next) {
    std::vector<NodeId> children;
    for (NodeId child = node.child; child != kNoNode; child = tree_.at(child).next) children.push_back(child);
    for (; !children.empty(); children.pop_back()) next = piece(children.back(), next);
    return next;
  }

  StateId alternatives(const Node& node, StateId next) {
    StateId begin = piece(node.child, next);
    for (NodeId child = tree_.at(node.child).next; child != kNoNode; child = tree_.at(child).next) {
      const StateId second = piece(child, next);
      begin = add({StateKind::Split, 0, begin, second});
    }
    return begin;
  }

  // The split to which the repeated piece returns.
  StateId loop(const Node& node, StateId next) {
    const StateId split = add({StateKind::Split, 0, 0, next});
    const StateId body = piece(node.child, split);
    nfa_.states[split].next = body;
    return split;
  }

  void split_bytes() {
    std::array<unsigned, 256> part{};
    unsigned parts = 1;
    for (const ByteSet& set : nfa_.sets) {
      std::map<std::pair<unsigned, bool>, unsigned> refined;
      for (unsigned byte = 0; byte < 256; ++byte) {
        const auto count = static_cast<unsigned>(refined.size());
        part[byte] = refined.try_emplace({part[byte], set.test(byte)}, count).first->second;
      }
      parts = static_cast<unsigned>(refined.size());
    }
    nfa_.classes = parts;
    nfa_.representative.resize(parts);
    for (unsigned byte = 256; byte-- > 0;) {
      nfa_.byte_class[byte] = static_cast<std::uint8_t>(part[byte]);
      nfa_.representative[part[byte]] = static_cast<std::uint8_t>(byte);
    }
  }

  const Tree& tree_;
  Nfa nfa_;
};

}  // namespace

Nfa build_nfa(const Tree& tree) { return Builder(tree).build(); }

}  // namespace rules
