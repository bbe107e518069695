// Asks the engine's tree of an expression which bytes its parts accept.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lint/pattern_sets.h"

#include "filter/tools/lint/pattern_items.h"
#include "rules/regex/dialect.h"

namespace filter::tools::lint {
namespace {

using rules::Node;
using rules::NodeId;
using rules::NodeKind;
using rules::Tree;

void add_bytes(const Tree& tree, NodeId id, Bytes& bytes) {
  if (tree.at(id).kind == NodeKind::Bytes) bytes |= tree.bytes(id);
  for (NodeId child = tree.at(id).child; child != rules::kNoNode; child = tree.at(child).next)
    add_bytes(tree, child, bytes);
}

// Adds what the node may begin with. True: it may also be empty, so that what follows begins.
bool add_first(const Tree& tree, NodeId id, Bytes& bytes) {
  const Node& node = tree.at(id);
  switch (node.kind) {
    case NodeKind::Bytes:
      bytes |= tree.bytes(id);
      return false;
    case NodeKind::Empty:
    case NodeKind::AreaStart:
    case NodeKind::AreaEnd:
    case NodeKind::Marker:
      return true;
    case NodeKind::Star:
    case NodeKind::Optional:
      add_first(tree, node.child, bytes);
      return true;
    case NodeKind::Plus:
      return add_first(tree, node.child, bytes);
    case NodeKind::Concat:
      for (NodeId child = node.child; child != rules::kNoNode; child = tree.at(child).next)
        if (!add_first(tree, child, bytes)) return false;
      return true;
    case NodeKind::Alternate:
      break;
  }
  bool empty = false;
  for (NodeId child = node.child; child != rules::kNoNode; child = tree.at(child).next)
    empty |= add_first(tree, child, bytes);
  return empty;
}

Bytes first_of(std::string_view pattern) {
  const rules::Regex regex = rules::parse_regex(pattern, true);
  Bytes bytes;
  if (regex.tree.root != rules::kNoNode) add_first(regex.tree, regex.tree.root, bytes);
  return bytes;
}

Bytes all_of(std::string_view pattern) {
  const rules::Regex regex = rules::parse_regex(pattern, true);
  Bytes bytes;
  if (regex.tree.root != rules::kNoNode) add_bytes(regex.tree, regex.tree.root, bytes);
  return bytes;
}

// What stands behind the marker, up to the end of its alternative or group.
std::string_view right_side(std::string_view pattern, std::size_t marker) {
  const std::string_view rest = pattern.substr(marker + 2);
  std::size_t depth = 0;
  for (const Item& item : items_of(rest)) {
    if (item.kind == Item::Kind::Open) ++depth;
    if (depth == 0 && (item.kind == Item::Kind::Close || item.kind == Item::Kind::Bar)) return rest.substr(0, item.at);
    if (item.kind == Item::Kind::Close) --depth;
  }
  return rest;
}

}  // namespace

bool starts_with_any_of_repeated(std::string_view pattern, std::size_t marker) {
  const auto items = items_of(pattern);
  for (std::size_t i = 2; i < items.size(); ++i) {
    if (items[i].at != marker) continue;
    // Of a group nothing is said.
    if (items[i - 2].kind == Item::Kind::Close) return false;
    const Bytes repeated = all_of(items[i - 2].text);
    const Bytes first = first_of(right_side(pattern, marker));
    return (repeated & ~first).none() && first.any();
  }
  return false;
}

std::optional<MatchBytes> match_bytes(std::string_view pattern) {
  for (const Item& item : items_of(pattern))
    if (item.kind == Item::Kind::Marker) {
      const std::string_view right = right_side(pattern, item.at);
      return MatchBytes{all_of(right), first_of(right)};
    }
  return std::nullopt;
}

}  // namespace filter::tools::lint
