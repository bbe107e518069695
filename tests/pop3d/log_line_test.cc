// Log lines: nothing that a client says can look like ours.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/log_line.h"

#include <catch2/catch.hpp>

using pop3d::kLongestLoggedValue;
using pop3d::LogLine;

TEST_CASE("values as text and as JSON") {
  const struct {
    std::string value, text, json;
  } rows[] = {
      {"anna", "anna", "\"anna\""},
      {"anna@example.org", "anna@example.org", "\"anna@example.org\""},
      {"127.0.0.1:110", "127.0.0.1:110", "\"127.0.0.1:110\""},
      {"[::1]:110", "[::1]:110", "\"[::1]:110\""},
      {"", "", "\"\""},
      {"a b", "\"a b\"", "\"a b\""},
      {"x address=192.0.2.1", "\"x address=192.0.2.1\"", "\"x address=192.0.2.1\""},
      {"a=b", "\"a=b\"", "\"a=b\""},
      {"a\"b\\", R"("a\"b\\")", R"("a\"b\\")"},
      {"a\r\nevent=x", R"("a\x0d\x0aevent=x")", R"("a\u000d\u000aevent=x")"},
      {"\x1b[2J", R"("\x1b[2J")", R"("\u001b[2J")"},
      {"\xc3\xa4", R"("\xc3\xa4")", R"("\u00c3\u00a4")"},
      {std::string("a\0b", 3), R"("a\x00b")", R"("a\u0000b")"},
      {std::string(kLongestLoggedValue + 1, 'x'), std::string(kLongestLoggedValue, 'x'),
       '"' + std::string(kLongestLoggedValue, 'x') + '"'},
  };
  for (const auto& row : rows) {
    CAPTURE(row.value);
    auto line = LogLine("test").add("value", row.value).add("n", 7);
    CHECK(line.text() == "event=test value=" + row.text + " n=7");
    CHECK(line.json() == R"({"event":"test","value":)" + row.json + R"(,"n":7})");
  }
}
