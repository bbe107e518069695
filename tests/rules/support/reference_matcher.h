// A slow, obvious matcher for procmail's expressions, to compare the real ones with.
// SPDX-License-Identifier: Apache-2.0
//
//   Reference reference("^TO_anna|(b", true);       // letters folded, as without the flag D
//   reference.expanded();                           // with the macros replaced
//   reference.is_valid();                           // false: a parenthesis has no partner
//   auto hit = reference.search("To: anna\n", 0);   // the match that ends first, seen from offset 0, and MATCH
//
// Written from PROCMAIL.md 9, 10 and 11.3 alone, sharing nothing with rules/regex: no tree, no automaton. It reads the
// expression from left to right with the set of all places that a match can have reached so far. Time grows fast with
// text and nesting: for small ones.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace testing_support {

struct ReferenceHit {
  std::size_t end = 0;  // offset behind the match in the text; its size + 1 with the virtual LF
  bool empty = false;   // nothing consumed, but perhaps the LF before the offset searched from
  std::optional<std::pair<std::size_t, std::size_t>> match;  // MATCH: from, to; none if it keeps its value
};

class Reference {
 public:
  Reference(const std::string& expression, bool fold);

  const std::string& expanded() const { return expanded_; }
  bool is_valid() const { return valid_; }
  bool folds() const { return fold_; }
  std::optional<ReferenceHit> search(const std::string& bytes, std::size_t from) const;

 private:
  bool fold_;
  std::string expanded_;
  std::string sound_;  // up to the first `)` without a `(`
  bool valid_ = true;
};

}  // namespace testing_support
