// A slow, obvious matcher for procmail's expressions, to compare the real ones with.
// SPDX-License-Identifier: Apache-2.0
//
// Written from PROCMAIL.md 9 and 10 alone, sharing nothing with rules/regex: it keeps the set of all (place, marker)
// pairs that a piece of the expression can lead to. Only for balanced expressions without macros, matched with case
// folded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace testing_support {

struct ReferenceHit {
  std::size_t end = 0;  // in the framed text
  std::optional<std::pair<std::size_t, std::size_t>> match;
};

// `framed` has its LF before and after; the search begins at framed offset `start`.
std::optional<ReferenceHit> reference_search(const std::string& pattern, const std::string& framed, std::size_t start);

}  // namespace testing_support
