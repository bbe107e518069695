// Quotes, backslashes, variables and backquotes as pieces of expansions (PROCMAIL.md 5.5, 6).
// SPDX-License-Identifier: Apache-2.0
#include "rules/word_reader.h"

#include <catch2/catch.hpp>

#include "rules/limits.h"

using rules::TextMode;

namespace {

struct Row {
  std::string input;
  std::string dump;
  std::string rest = "";   // what is not read
};

void check_rows(TextMode mode, const std::vector<Row>& rows, bool quoted = false) {
  for (const Row& row : rows) {
    CAPTURE(row.input);
    std::size_t at = 0;
    const rules::WordReading reading = rules::read_words(row.input, at, mode, quoted);
    CHECK(rules::dump(reading.expansion) == row.dump);
    CHECK(row.input.substr(at) == row.rest);
    CHECK_FALSE(reading.unterminated);
  }
}

}  // namespace

TEST_CASE("a value of an assignment") {
  check_rows(TextMode::Assignment, {
      {"x", "\"x\""},
      {"x y", "\"x\"", " y"},
      {"x\ny", "\"x\"", "\ny"},
      {"\"x\n  y\"", "\"x\\n  y\""},
      {"\"x\\\n  y\"", "\"x  y\""},
      {"x\\\n  B=y", "\"x\"", "  B=y"},
      {"\\\n  y", "\"y\""},
      {"a\\ b", "\"a b\""},
      {"'a\\'b", "\"a\\\\b\""},
      {"\"a\\\"b\\x\"", "\"a\\\"b\\\\x\""},
      {"\\x\\#", "\"x\\\\#\""},
      {"\\#x", "\"#x\""},
      {"#x\ny", "", "\ny"},
      {"a#x", "\"a#x\""},
      {"a'b c'\"d e\"f", "\"ab cd ef\""},
      {"$a${b}$1$10", "${a} ${b} $1 $1 \"0\""},
      {"$$$?$#$=$_$-", "$$ $? $# $= $_ $-"},
      {"$*$!$%$", "\"$*$!$%$\""},
      {"$@\"$@\"", "\"@\" \"$@\" \"\""},
      {"$\\a$\\1", "$\\a $\\1"},
      {"${a:-b}${a-b}${a:+b}${a+b}", "${a:-\"b\"} ${a-\"b\"} ${a:+\"b\"} ${a+\"b\"}"},
      {"${a:-${b:-c}}", "${a:-${b:-\"c\"}}"},
      {"${a:-with space}", "${a:-\"with\"}", " space}"},
      {"\"${a:-with space}\"", "\"\" \"${a:-\"with space\"}\" \"\""},
      {"${a:-\\}}", "${a:-\"}\"}"},
      {"${a:-#b}", "${a:-}"},
      {"x${a:-#b}", "\"x\" ${a:-\"#b\"}"},
      {"a${X:=v}b", "\"a\" <bad substitution of \"X\"> \"v}b\""},
      {"${12}", "<bad substitution of \"12\">"},
      {"${}x", "\"x\""},
      {"`a b`", "`a b`"},
      {"`a \\`b\\` \\$c \\d`", "`a `b` $c \\\\d`"},
      {"\"`a \\\"b`\"", "\"\" \"`a \\\"b`\" \"\""},
      {"~/x;", "\"~/x;\""},
      {"=b", "\"=b\""},
  });
}

TEST_CASE("words") {
  check_rows(TextMode::Words, {
      {"a b  c \nd", "\"a\" <break> \"b\" <break> \"c\"", "\nd"},
      {"a # b\nc", "\"a\"", "\nc"},
      {"a#b", "\"a#b\""},
      {"a \\#b", "\"a\" <break> \"#b\""},
      {"\"\" b", "\"\" <break> \"b\""},
      {"$a \"$b\"", "${a} <break> \"\" \"${b}\" \"\""},
  });
}

TEST_CASE("whole texts, and those behind an open quote") {
  check_rows(TextMode::Whole, {{"a b\nc", "\"a b\\nc\""}, {"# a", "\"# a\""}, {"$X \"q r\" `z`", "${X} \" q r \" `z`"}});
  check_rows(TextMode::Whole, {{"a \\.b\"c d\"", "\"a \\\\.bc d\""}, {"$X'", "\"${X}\" \"'\""}}, true);
}

TEST_CASE("a quote that is never closed") {
  for (const std::string input : {"\"a", "'a\nb", "\"`a\"b", "x\"${a:-b}"}) {
    CAPTURE(input);
    std::size_t at = 0;
    CHECK(rules::read_words(input, at, TextMode::Assignment).unterminated);
    CHECK(at == input.size());
  }
}

TEST_CASE("nesting is bounded") {
  for (const std::size_t depth : {rules::kMaxNesting - 1, rules::kMaxNesting, rules::kMaxNesting + 1}) {
    CAPTURE(depth);
    std::string input;
    for (std::size_t i = 0; i < depth; ++i) input += "${a-";
    input += std::string(depth, '}');
    std::size_t at = 0;
    CHECK(rules::read_words(input, at, TextMode::Assignment).too_deep == (depth > rules::kMaxNesting));
  }
}
