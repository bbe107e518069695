// Text forms of the regular expression tree.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/regex_ast.h"

namespace rules {
namespace {

bool is_letter(unsigned byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

bool is_plain(unsigned byte) { return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '_'; }

void append_byte(std::string& out, unsigned byte) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (byte == '\n') {
    out += "\\n";
  } else if (is_plain(byte)) {
    out += static_cast<char>(byte);
  } else if (byte > ' ' && byte < 0x7f) {
    out += '\\';
    out += static_cast<char>(byte);
  } else {
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
}

void dump_bytes(std::string& out, const ByteSet& set) {
  const int single = single_byte(set, true);
  if (single < 0) {
    out += class_text(set);
  } else if (single == '\n') {
    out += "LF";
  } else {
    out += '\'';
    append_byte(out, static_cast<unsigned>(single));
    out += set.count() == 2 ? "'/i" : "'";
  }
}

void dump_node(std::string& out, const Tree& tree, NodeId id) {
  static constexpr const char* kNames[] = {"empty", "", "start", "end", "mark", "cat", "alt", "star", "plus", "opt"};
  const Node& node = tree.at(id);
  if (node.kind == NodeKind::Bytes) return dump_bytes(out, tree.bytes(id));
  const bool leaf = node.child == kNoNode;
  if (!leaf) out += '(';
  out += kNames[static_cast<int>(node.kind)];
  for (NodeId child = node.child; child != kNoNode; child = tree.at(child).next) {
    out += ' ';
    dump_node(out, tree, child);
  }
  if (!leaf) out += ')';
}

}  // namespace

std::string dump(const Tree& tree) {
  std::string out;
  dump_node(out, tree, tree.root);
  return out;
}

std::string byte_text(unsigned byte) {
  std::string out;
  append_byte(out, byte);
  return out;
}

std::string class_text(const ByteSet& set) {
  const bool negated = set.count() > 128;
  const ByteSet listed = negated ? ~set : set;
  std::string out = negated ? "[^" : "[";
  for (std::size_t first = listed._Find_first(), last; first < 256; first = listed._Find_next(last)) {
    last = first;
    while (last + 1 < 256 && listed.test(last + 1)) ++last;
    append_byte(out, static_cast<unsigned>(first));
    if (last > first + 1) out += '-';
    if (last > first) append_byte(out, static_cast<unsigned>(last));
  }
  return out + "]";
}

int single_byte(const ByteSet& set, bool fold) {
  const std::size_t first = set._Find_first();
  if (first == set.size()) return -1;
  const std::size_t second = set._Find_next(first);
  if (second == set.size()) return static_cast<int>(first);
  const bool both_cases = fold && first >= 'A' && first <= 'Z' && second == first + 32;
  return both_cases && set._Find_next(second) == set.size() ? static_cast<int>(second) : -1;
}

}  // namespace rules
