// The prefixes of conditions (PROCMAIL.md 8.2, 8.4).
// SPDX-License-Identifier: Apache-2.0
#include "rules/condition.h"

#include <catch2/catch.hpp>

TEST_CASE("conditions") {
  struct Row {
    std::string input;
    std::string dump;
  };
  for (const Row& row : std::vector<Row>{
           {"^Subject", "regexp \"^Subject\""},
           {"", "regexp \"\""},
           {"!", "! regexp \"\""},
           {"! ! ! a", "! regexp \"a\""},
           {"1^1 ! B ?? ^hello", "1^1 ! B ?? regexp \"^hello\""},
           {".5 ^ -2 x", "0.5^-2 regexp \"x\""},
           {"1e2^0", "100^0 regexp \"\""},
           {"1,5^1 x", "regexp \"1,5^1 x\""},
           {"1 ^Subject", "regexp \"1 ^Subject\""},
           {"inf^1 x", "regexp \"inf^1 x\""},
           {"X ?? a", "X ?? regexp \"a\""},
           {"X??H ?? a", "H ?? regexp \"a\""},
           {"BH ?? a", "HB ?? regexp \"a\""},
           {"1X ?? a", "regexp \"1X ?? a\""},
           {"? cat  \"x\"", "program \" cat  \\\"x\\\"\""},
           {"< 100", "smaller \" 100\""},
           {"! > $X", "! larger \" \" ${X}"},
           {"$ ^a\\.$X\"b\"", "dynamic \" ^a\\\\.\" \"${X}\" \"b\""},
           {"\\<a\\>", "regexp \"<a\\\\>\""},
           {"\\^TO_a", "regexp \"^()TO_a\""},
           {"\\! a", "regexp \"! a\""},
           {"a\\\n   b\\\n\tc", "regexp \"abc\""},
       }) {
    CAPTURE(row.input);
    CHECK(rules::dump(rules::read_condition(row.input)) == row.dump);
  }
}

TEST_CASE("prefixes in front of a $ stay") {
  const rules::Condition first = rules::read_condition("2^3 ! X ?? $ $Y");
  CHECK(rules::dump(rules::read_condition("! ? true", first)) == "2^3 X ?? program \" true\"");
}
