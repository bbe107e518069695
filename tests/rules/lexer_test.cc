// Rule text to tokens (PROCMAIL.md 5, 7, 8.1, 8.2, 13, 14).
// SPDX-License-Identifier: Apache-2.0
#include "rules/lexer.h"

#include <catch2/catch.hpp>

using rules::Source;
using rules::tokenize;

namespace {

struct Row {
  std::string input;
  std::string dump;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(rules::dump(tokenize(Source("rc", row.input)).tokens) == row.dump);
  }
}

}  // namespace

TEST_CASE("statements") {
  check_rows({
      {"", ""},
      {"# comment\n\n", ""},
      {"A=1 B=2", "1:1 assignment A \"1\"\n1:5 assignment B \"2\"\n"},
      {"A = x # c\nB\n", "1:1 assignment A \"x\"\n2:1 unset B\n"},
      {"A=\n", "1:1 assignment A\n"},
      {"A=b c\n", "1:1 assignment A \"b\"\n1:5 unset c\n"},
      {"foo-bar baz\n", "1:1 skipped \"foo\"\n1:4 skipped \"-bar baz\"\n"},
      {"1A=1\nB=2\n", "1:1 skipped \"1A=1\"\n2:1 assignment B \"2\"\n"},
      {"A", "1:1 skipped \"A\"\n"},
      {"} A=1\n", "1:1 close\n1:3 assignment A \"1\"\n"},
      {"A=\"x\n", "1:1 assignment A \"x\\n\"\n"},
  });
}

TEST_CASE("recipes") {
  check_rows({
      {":0:\n* ^Subject\nbox\n", "1:1 head \"0:\"\n2:3 condition \"^Subject\"\n3:1 folder \"box\"\n"},
      {":0 fhw # c\n|a  b\n", "1:1 head \"0\" <break> \"fhw\"\n2:1 program \"a  b\"\n"},
      {":0\n! a b\n", "1:1 head \"0\"\n2:1 forward \"a\" <break> \"b\"\n"},
      {":0\nX=| cat\n", "1:1 head \"0\"\n2:1 capture X \" cat\"\n"},
      {":0\nX= ! a\n", "1:1 head \"0\"\n2:1 capture X ! \"a\"\n"},
      {":0\nA=1\n", "1:1 head \"0\"\n2:1 folder \"A=1\"\n"},
      {":0\n{ A=1 }\n", "1:1 head \"0\"\n2:1 open\n2:3 assignment A \"1\"\n2:7 close\n"},
      {":0\n{}\n", "1:1 head \"0\"\n2:1 folder \"{}\"\n"},
      {":0\n}\n", "1:1 head \"0\"\n2:1 folder \"}\"\n"},
      {":0\n# c\n\n  * a \n # d\n*b\\\n  c\nbox\n", "1:1 head \"0\"\n4:5 condition \"a\"\n6:2 condition \"b\\\\\\n  c\"\n8:1 folder \"box\"\n"},
      {":0\n|a\\\n\\\nb\n", "1:1 head \"0\"\n2:1 program \"a\\\\\\n\\nb\"\n"},
  });
}

TEST_CASE("conditions without a star: as many lines as the number says, whatever they hold") {
  check_rows({
      {":\na\nb\n", "1:1 head\n2:1 condition \"a\"\n3:1 folder \"b\"\n"},
      {":A\na\n", "1:1 head \"A\"\n2:1 folder \"a\"\n"},
      {":2\na\n\nb\n", "1:1 head \"2\"\n2:1 condition \"a\"\n3:1 condition\n4:1 folder \"b\"\n"},
      {":2\n* a\n# c\nb\n", "1:1 head \"2\"\n2:3 condition \"a\"\n3:1 condition \"# c\"\n4:1 folder \"b\"\n"},
      {":1\n* a\nb\n", "1:1 head \"1\"\n2:3 condition \"a\"\n3:1 folder \"b\"\n"},
      {":0\n^a\n", "1:1 head \"0\"\n2:1 folder \"^a\"\n"},
  });
}

TEST_CASE("recipes without an action") {
  check_rows({
      {":0\n* a\n\n:0\nb\n", "1:1 head \"0\"\n2:3 condition \"a\"\n1:1 note \"Missing action\"\n4:1 head \"0\"\n5:1 folder \"b\"\n"},
      {":0\n* a\n\n# c\n:0\nb\n", "1:1 head \"0\"\n2:3 condition \"a\"\n1:1 note \"Missing action\"\n5:1 head \"0\"\n6:1 folder \"b\"\n"},
      {":0\n* a\n# c\n:0\n", "1:1 head \"0\"\n2:3 condition \"a\"\n4:1 folder \":0\"\n"},
      {":0\n* a\n", "1:1 head \"0\"\n2:3 condition \"a\"\n2:4 note \"Incomplete recipe\"\n"},
  });
}

TEST_CASE("what the author is told") {
  struct Told {
    std::string input;
    std::string checks;
  };
  for (const Told& row : std::vector<Told>{
           {":0\nbox\n", ""},
           {"A=\"x\n", "unexpected-eol "},
           {"A=${B:=c}\n", "bad-substitution "},
           {"* a\n", "skipped "},
           {":0\n\n:0\nbox\n", "missing-action "},
           {":0\n", "incomplete-recipe "},
           {":0\n\"\"\n", "empty-folder "},
           {":0\n^Subject\n", "missing-star "},
           {"A=1\r\n", "crlf "},
       }) {
    CAPTURE(row.input);
    std::string checks;
    for (const auto& diagnostic : tokenize(Source("rc", row.input)).diagnostics) checks += diagnostic.check + ' ';
    CHECK(checks == row.checks);
  }
}
