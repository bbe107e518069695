// Character sets that the C library knows.
// SPDX-License-Identifier: Apache-2.0
#include "filter/charset.h"

#include <catch2/catch.hpp>

TEST_CASE("text in many character sets, as UTF-8") {
  struct Row {
    std::string charset, bytes, text;
  };
  const Row rows[] = {
      {"utf-8", "caf\xc3\xa9 \xff", "caf\xc3\xa9 \xff"},
      {"ISO-8859-1", "caf\xe9", "café"},
      {"KOI8-R", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
      {"iso-8859-15", "\xa4", "€"},
      {"iso-2022-jp", "\x1b$B$3\x1b(B", "こ"},
      {"UTF-16BE", std::string("\0a\0b", 4), "ab"},
      {"shift_jis", "a\xff", "a\xef\xbf\xbd"},
      {"shift_jis", "a\x82", "a\xef\xbf\xbd"},  // cut short
      {"koi8-r", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.charset);
    CHECK(filter::to_utf8(row.charset, row.bytes) == row.text);
  }
  const std::string large(100'000, '\xf0');
  CHECK(filter::to_utf8("koi8-r", large)->size() == 200'000);
}

TEST_CASE("names that are no character set") {
  const std::string rows[] = {"",    "x-none",  "koi8-r//TRANSLIT",   "../../etc/passwd",
                              "a b", "koi8-r,", std::string(41, 'a'), std::string("koi8-r\0", 7)};
  for (const std::string& charset : rows) {
    CAPTURE(charset);
    CHECK_FALSE(filter::to_utf8(charset, "x"));
  }
}
