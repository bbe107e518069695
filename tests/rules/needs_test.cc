// What an expression needs of a text, written down, says what the walk over it says.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/needs.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace rules {
namespace {

TEST_CASE("needs: as the walk, for each expression and text") {
  const char* expressions[] = {"",
                               "ab",
                               "abc",
                               "abcd",
                               "^Subject:.*(casino|pills)",
                               "a(bcd)?e",
                               "a(bcd)+e",
                               "(abc|xyz(uvw|rst))end",
                               "((abc))",
                               "(|abc)",
                               "abc*d",
                               "(abc",
                               "[abc",
                               "\\(abc\\)",
                               "^TO_abc",
                               "[^TO]abc",
                               "abc|xyz",
                               "()abc"};
  const char* texts[] = {
      "", "abc", "\nsubject: CASINO\n", "abcend", "xyzrstend xyzuvw", "ae", "abcde", "ABD", "(abc)", "to: abc", "xyz"};
  for (const std::string expression : expressions)
    for (const std::string text : texts) {
      CAPTURE(expression, text);
      const TrigramSet known(text);
      CHECK(Needs(expression).may_match(known) == (glance(expression, known) != Glance::CannotMatch));
    }
}

TEST_CASE("needs: as the walk, for random ones") {
  std::mt19937 dice(6);
  const std::string letters = "abcABC(|)*+?.[]^$\\/";
  const auto make = [&](std::size_t most, std::size_t kinds) {
    std::string out(dice() % most, ' ');
    for (char& c : out) c = letters[dice() % kinds];
    return out;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string expression = make(24, letters.size());
    const TrigramSet known(make(16, 6));
    CAPTURE(expression);
    REQUIRE(Needs(expression).may_match(known) == (glance(expression, known) != Glance::CannotMatch));
  }
}

}  // namespace
}  // namespace rules
