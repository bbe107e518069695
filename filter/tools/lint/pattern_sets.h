// What stands around `\/` in an expression, as sets of bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>

namespace filter::tools::lint {

using Bytes = std::bitset<256>;

// `marker`: where in the pattern a `\/` stands, behind `*`, `+` or `?`. Whether every byte that is repeated there may
// also begin what follows, so that the left side, which takes as little as it can, leaves all of them to MATCH.
bool starts_with_any_of_repeated(std::string_view pattern, std::size_t marker);

// Every byte that MATCH may hold and may begin with, if the pattern sets it.
struct MatchBytes {
  Bytes any;
  Bytes first;
};
std::optional<MatchBytes> match_bytes(std::string_view pattern);

}  // namespace filter::tools::lint
