// What a message says once its encodings are undone: header words, and the text parts of its body, all as UTF-8.
// SPDX-License-Identifier: Apache-2.0
//
//   auto convert = [](std::string_view charset, std::string_view bytes) { return mailbox::common_to_utf8(charset,
//   bytes); }; mailbox::decoded_words("Subject: =?iso-8859-1?Q?caf=E9?=\n", convert);   // "Subject: café\n"
//   mailbox::decoded_body(message.header(), message.body(), convert);
//
// Only what is understood is replaced: a broken encoded word, a part that is no text and boundaries stay as they are,
// and so do bytes whose character set `convert` does not know. Control bytes out of an encoded word become
// blanks, so that nobody writes header lines that are not there. RFC 2045, 2046, 2047.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailbox {

inline constexpr unsigned kMaxMimeDepth = 20;                           // multiparts within each other
inline constexpr std::size_t kMaxMimeParts = 1000;                      // of a message; further ones stay as they are
inline constexpr std::size_t kMaxDecodedBody = std::size_t{128} << 20;  // bytes; what is beyond stays as it is
inline constexpr std::size_t kMaxEncodedWord = 1000;                    // bytes; RFC 2047 wants 75

// Bytes in a character set (a name in any case) as UTF-8; nothing if the set is unknown.
using ToUtf8 = std::function<std::optional<std::string>(std::string_view charset, std::string_view bytes)>;

// ToUtf8 for what most mail is written in: UTF-8 and US-ASCII (as they are, valid or not), ISO-8859-1, windows-1252.
std::optional<std::string> common_to_utf8(std::string_view charset, std::string_view bytes);

// A header, folded or not, with its encoded words decoded.
std::string decoded_words(std::string_view header, const ToUtf8& convert);

// A body with its text parts decoded; `header` is that of the message.
std::string decoded_body(std::string_view header, std::string_view body, const ToUtf8& convert);

// Bytes outside of the alphabet are skipped.
std::string from_base64(std::string_view text);
// Broken escapes stay. `words`: as in encoded words, where `_` is a blank.
std::string from_quoted_printable(std::string_view text, bool words = false);

}  // namespace mailbox
