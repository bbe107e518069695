// The tree of a regular expression in procmail's dialect: data only, made by the dialect, read by the matchers.
// SPDX-License-Identifier: Apache-2.0
//
// A tree is an array of nodes that name each other by index; children are linked first-child, next-sibling, so that
// copying and destroying need no recursion. What a node consumes is always told as the set of bytes it accepts: case
// folding, `.`, `^`, `$`, `\<` and classes are all gone by then (PROCMAIL.md 9.4 to 9.7).
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace rules {

using ByteSet = std::bitset<256>;
using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = 0xffffffff;

enum class NodeKind : std::uint8_t {
  Empty,      // matches the empty string: `()`, an empty alternative
  Bytes,      // one byte out of a set
  AreaStart,  // `^^`: the virtual LF before the area
  AreaEnd,    // `^^` at the very end: before the virtual LF behind the area, consuming nothing
  Marker,     // `\/`: MATCH begins here
  Concat,     // all children in order
  Alternate,  // any one child
  Star,       // the child, any number of times
  Plus,       // the child, once or more
  Optional,   // the child, or nothing
};

struct Node {
  NodeKind kind = NodeKind::Empty;
  std::uint32_t set = 0;   // Bytes: index into Tree::sets
  NodeId child = kNoNode;  // first child of Concat, Alternate and the three operators
  NodeId next = kNoNode;   // next sibling
};

// At most kMaxGroupDepth groups deep, so walking it recursively is safe.
struct Tree {
  std::vector<Node> nodes;
  std::vector<ByteSet> sets;  // each set once
  NodeId root = kNoNode;

  const Node& at(NodeId id) const { return nodes[id]; }
  const ByteSet& bytes(NodeId id) const { return sets[nodes[id].set]; }
};

// The tree as text: `(cat {LF} 'a' (star .) mark)`. Sets of one byte or one letter print quoted ('a' or 'a'/i).
std::string dump(const Tree& tree);

// How a byte prints there and outside of brackets: `a`, `\.`, `\x0d`.
std::string byte_text(unsigned byte);

// How a set prints inside brackets, as PCRE2 and people read it: `[0-9A-Z_a-z]`, `[^\n]`.
std::string class_text(const ByteSet& set);

// The byte that a set of one byte stands for; with `fold` also both cases of one letter (then lower case); else -1.
int single_byte(const ByteSet& set, bool fold);

}  // namespace rules
