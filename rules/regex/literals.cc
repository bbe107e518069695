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

// Whether a match of this part can take an LF, or look at the ends of the area.
bool may_leave_line(const Tree& tree, NodeId id) {
  const Node& node = tree.at(id);
  if (node.kind == NodeKind::AreaStart || node.kind == NodeKind::AreaEnd) return true;
  if (node.kind == NodeKind::Bytes) return tree.bytes(id).test('\n');
  for (NodeId child = node.child; child != kNoNode; child = tree.at(child).next) {
    if (may_leave_line(tree, child)) return true;
  }
  return false;
}

// An LF at the very end is the one behind the line.
bool stays_in_line(const Tree& tree, const std::vector<NodeId>& sequence, std::size_t at) {
  for (; at < sequence.size(); ++at) {
    const bool last = at + 1 == sequence.size() && tree.at(sequence[at]).kind == NodeKind::Bytes;
    if (!last && may_leave_line(tree, sequence[at])) return false;
  }
  return true;
}

void find_field(const Regex& regex, Literals& literals) {
  const Tree& tree = regex.tree;
  const std::vector<NodeId> sequence = outer_sequence(tree);
  std::string name;
  bool at_line_start = false;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    const NodeKind kind = tree.at(sequence[i]).kind;
    if (kind == NodeKind::Empty || kind == NodeKind::Marker) continue;
    if (kind != NodeKind::Bytes) return;
    const int byte = single_byte(tree.bytes(sequence[i]), regex.fold);
    if (!at_line_start) {
      if (byte != '\n') return;
      at_line_start = true;
      continue;
    }
    if (byte <= ' ' || byte > '~') return;
    name += static_cast<char>(byte);
    if (byte != ':') continue;
    if (name.size() == 1) return;
    literals.field = name;
    literals.one_line = stays_in_line(tree, sequence, i + 1);
    return;
  }
}

}  // namespace

Literals find_literals(const Regex& regex) {
  Literals literals;
  literals.required = LiteralWalk(regex).longest();
  find_field(regex, literals);
  return literals;
}

}  // namespace rules
