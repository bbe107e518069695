// Flags and locks of a recipe's first line (PROCMAIL.md 7).
// SPDX-License-Identifier: Apache-2.0
#include "rules/head.h"

#include <catch2/catch.hpp>

TEST_CASE("first lines") {
  struct Row {
    std::vector<rules::Value> words;
    std::string dump;
  };
  for (const Row& row : std::vector<Row>{
           {{}, ""},
           {{"0"}, ""},
           {{"0", "fhw:", "x.lock"}, "feed-header filter wait lock \"x.lock\""},
           {{"0HBD"}, "search-header search-body case-sensitive"},
           {{"0", "A", "a", "E", "e"}, "if-last-matched if-last-succeeded if-last-did-not if-last-failed"},
           {{"0", "wW"}, "wait-quietly"},
           {{"0", "Ww"}, "wait-quietly"},
           {{"0bcir"}, "feed-body copy ignore-errors raw"},
           {{"0:"}, "lock"},
           {{"0:c"}, "lock \"c\""},
           {{"0:", "a", "b"}, "lock \"a\" skipped \"b\""},
           {{"0", "HZB"}, "search-header skipped \"ZB\""},
           {{"0", "x.lock:", "c"}, "skipped \"x.lock: c\""},
           {{"12c"}, "copy"},
       }) {
    CAPTURE(row.words.size(), row.dump);
    CHECK(rules::dump(rules::read_head(row.words)) == row.dump);
  }
}

TEST_CASE("neither h nor b means both") {
  CHECK(rules::read_head({"0"}).sends_header());
  CHECK(rules::read_head({"0"}).sends_body());
  CHECK_FALSE(rules::read_head({"0b"}).sends_header());
  CHECK_FALSE(rules::read_head({"0h"}).sends_body());
  CHECK(rules::read_head({"0hb"}).sends_body());
}
