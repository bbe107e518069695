// Text in any character set that the C library knows, as UTF-8.
// SPDX-License-Identifier: Apache-2.0
//
//   filter::to_utf8("koi8-r", bytes);    // nothing if there is no such set
//
// The commonest sets need no table (mailbox/mime.h); the others are files of the C library, opened when first used.
// Bytes that mean nothing in the set become U+FFFD. Names come from senders: only what a charset's name can be is
// looked up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace filter {

inline constexpr std::size_t kMaxCharsetName = 40;  // bytes

std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes);

}  // namespace filter
