// The tree to a flat program, and the whole way from text (rules/program.h).
// SPDX-License-Identifier: Apache-2.0
#include "rules/compiler.h"

#include <catch2/catch.hpp>

namespace {

rules::Compiled compiled(const std::string& text) { return rules::compile(rules::Source("rc", text)); }

}  // namespace

TEST_CASE("programs") {
  struct Row {
    std::string input;
    std::string dump;
  };
  for (const Row& row : std::vector<Row>{
           {"A=1\nB\n", "   0  1:1  assign A = \"1\"\n   1  2:1  unset B\n"},
           {":0 B\n* ! xy*\nbox\nA=1\n",
            "   0  1:1  begin search-body\n   1  2:3  test ! regexp \"xy*\" literal \"x\"\n   2  1:1  decide else 4\n"
            "   3  3:1  deliver \"box\"\n   4  4:1  assign A = \"1\"\n"},
           {":0\n{\n:0\n|x\n}\n! y\n",
            "   0  1:1  begin \n   1  1:1  decide else 7\n   2  2:1  enter to 7\n   3  3:1  begin \n   4  3:1  decide else 6\n"
            "   5  4:1  run \"x\"\n   6  2:1  leave\n   7  6:1  say \"Skipped \\\"! y\\\"\"\n"},
           {":0 $F\nX=! y\n", "   0  1:1  begin from \"0\" <break> ${F}\n   1  1:1  decide else 3\n   2  2:1  capture X forward \"y\"\n"},
           {":0\n* a*\n", "   0  1:1  begin \n   1  2:3  test regexp \"a*\"\n   2  1:1  say \"Incomplete recipe\"\n"},
       }) {
    CAPTURE(row.input);
    CHECK(rules::dump(*compiled(row.input).program) == row.dump);
  }
}

TEST_CASE("diagnostics come in the file's order, each kind once a line") {
  const rules::Source source("rc", "A=${B:=c}${D:=e}\n:0 ZZ\n* (a\nbox\n}\n");
  std::string out;
  for (const auto& diagnostic : rules::compile(source).diagnostics)
    out += std::to_string(diagnostic.where.line) + ' ' + diagnostic.check + '\n';
  CHECK(out == "1 bad-substitution\n2 skipped-flags\n3 invalid-regexp\n5 unexpected-brace\n");
}

TEST_CASE("the letter O is told apart from other unknown flags") {
  CHECK(compiled(":O\nx\nbox\n").diagnostics.at(0).check == "letter-o");
  CHECK(compiled(":0 Q\nbox\n").diagnostics.at(0).check == "skipped-flags");
}
