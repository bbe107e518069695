// Bytes as the dumps show them: printable, on one line, in quotes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace rules {

// Control bytes, the backslash and the double quote as \n, \t, \\, \" or \xHH; bytes from 0x80 as they are.
inline std::string escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\\' || c == '"') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

inline std::string quoted(std::string_view text) { return '"' + escaped(text) + '"'; }

// As part of a sentence: what is too long for one is cut.
inline std::string quoted_in_short(std::string_view text) {
  constexpr std::size_t kMost = 60;
  if (text.size() <= kMost) return quoted(text);
  std::size_t size = kMost;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;   // within a character
  return '"' + escaped(text.substr(0, size)) + "...\"";
}

}  // namespace rules
