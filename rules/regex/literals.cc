// Finds the literals by walking the part of the tree that every match runs through.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/literals.h"

#include <vector>

namespace rules {
namespace {

// Walks sequences, groups and what `+` repeats; everything else may be missing, and ends the run.
class LiteralWalk {
 public:
  explicit LiteralWalk(const Regex& regex) : tree_(regex.tree), fold_(regex.fold) {}

  std::string longest() {
    walk(tree_.root);
    end_run();
    return best_;
  }

 private:
  void end_run() {
    if (run_.size() > best_.size()) best_ = run_;
    run_.clear();
  }

  void walk(NodeId id) {
    const Node& node = tree_.at(id);
    switch (node.kind) {
      case NodeKind::Empty:
      case NodeKind::Marker:
        return;
      case NodeKind::Bytes:
        return byte(tree_.bytes(id));
      case NodeKind::Concat:
        for (NodeId child = node.child; child != kNoNode; child = tree_.at(child).next) walk(child);
        return;
      case NodeKind::Plus:  // its first round follows the run, its last one precedes what comes next
        walk(node.child);
        return end_run();
      case NodeKind::AreaStart:
      case NodeKind::AreaEnd:
      case NodeKind::Alternate:
      case NodeKind::Star:
      case NodeKind::Optional:
        return end_run();
    }
  }

  void byte(const ByteSet& set) {
    const int single = single_byte(set, fold_);
    if (single < 0 || single == '\n') return end_run();
    run_ += static_cast<char>(single);
  }

  const Tree& tree_;
  bool fold_;
  std::string run_;
  std::string best_;
};

// The nodes of the outermost sequence.
std::vector<NodeId> outer_sequence(const Tree& tree) {
  if (tree.at(tree.root).kind != NodeKind::Concat) return {tree.root};
  std::vector<NodeId> nodes;
  for (NodeId id = tree.at(tree.root).child; id != kNoNode; id = tree.at(id).next) nodes.push_back(id);
  return nodes;
}

std::string find_field(const Regex& regex) {
  const Tree& tree = regex.tree;
  std::string name;
  bool at_line_start = false;
  for (const NodeId id : outer_sequence(tree)) {
    const NodeKind kind = tree.at(id).kind;
    if (kind == NodeKind::Empty || kind == NodeKind::Marker) continue;
    if (kind != NodeKind::Bytes) return {};
    const int byte = single_byte(tree.bytes(id), regex.fold);
    if (!at_line_start) {
      if (byte != '\n') return {};
      at_line_start = true;
      continue;
    }
    if (byte <= ' ' || byte > '~') return {};
    name += static_cast<char>(byte);
    if (byte == ':') return name.size() > 1 ? name : std::string();
  }
  return {};
}

}  // namespace

Literals find_literals(const Regex& regex) { return {LiteralWalk(regex).longest(), find_field(regex)}; }

}  // namespace rules
