// The cache of ids that -D keeps: strings that end in NUL, in a file of about a given length, the oldest overwritten.
// SPDX-License-Identifier: Apache-2.0
//
//   const auto seen = remember("/home/anna/.msgid", 8192, "<1@example.org>");   // Result<bool>
//
// The file is locked while it is read and written; it is made if it does not exist. Source: formail(1) on -D,
// PROCMAIL.md 26.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mailbox/result.h"

namespace filter::compat {

// Where the key belongs in the file; not set: it is there. Behind it come two NULs, which mark the oldest entry's
// place.
std::optional<std::size_t> place_in_cache(std::string_view content, std::string_view key, long length);

// True: it was there. No key is never there, and not kept. A file that cannot be
// opened is an error.
mailbox::Result<bool> remember(const std::string& file, long length, std::optional<std::string_view> key);

// The same in a file that is open, and locked.
bool remember_in(int fd, long length, std::string_view key);

}  // namespace filter::compat
