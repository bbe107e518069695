// Tokens to the tree (PROCMAIL.md 8, 13).
// SPDX-License-Identifier: Apache-2.0
#include "rules/parser.h"

#include <catch2/catch.hpp>

#include "rules/lexer.h"
#include "rules/limits.h"

namespace {

std::string tree(const std::string& text) {
  return rules::dump(rules::parse(rules::tokenize(rules::Source("rc", text)).tokens).script);
}

std::string checks(const std::string& text) {
  std::string out;
  for (const auto& diagnostic : rules::parse(rules::tokenize(rules::Source("rc", text)).tokens).diagnostics)
    out += diagnostic.check + ' ';
  return out;
}

}  // namespace

TEST_CASE("the tree") {
  struct Row {
    std::string input;
    std::string dump;
  };
  for (const Row& row : std::vector<Row>{
           {"A=1\nB\n", "assign A = \"1\"\nunset B\n"},
           {":0:\n* ! ^a\n* B ?? b\nbox\n", "recipe \"0:\"\n  if ! regexp \"^a\"\n  if B ?? regexp \"b\"\n  folder \"box\"\n"},
           {":0\n{\nA=1\n:0\n! x\n}\nB=2\n",
            "recipe \"0\"\n  block\n    assign A = \"1\"\n    recipe \"0\"\n      forward \"x\"\nassign B = \"2\"\n"},
           {":0\n{ A=x}\n", "recipe \"0\"\n  block, never closed\n    assign A = \"x}\"\n    note \"Missing closing brace\"\n"},
           {"} A=1\n", "note \"Closing brace unexpected\"\nassign A = \"1\"\n"},
           {":0\n* a\n\n:0\nb\n", "recipe \"0\"\n  if regexp \"a\"\n  note \"Missing action\"\n  no action\nrecipe \"0\"\n  folder \"b\"\n"},
           {":0\n\"b\n", "recipe \"0\"\n  note \"Unexpected EOL\"\n  folder \"b\\n\"\n"},
           {":0\nX=| a\n", "recipe \"0\"\n  capture X program \" a\"\n"},
           {"a-b\n", "note \"Skipped \\\"a\\\"\"\nnote \"Skipped \\\"-b\\\"\"\n"},
       }) {
    CAPTURE(row.input);
    CHECK(tree(row.input) == row.dump);
  }
}

TEST_CASE("mistakes of structure") {
  CHECK(checks("}\n") == "unexpected-brace ");
  CHECK(checks(":0\n{\n") == "missing-brace ");
  CHECK(checks(":0\n{\n}\n") == "");
}

TEST_CASE("blocks in blocks are bounded") {
  for (const std::size_t depth : {rules::kMaxNesting - 1, rules::kMaxNesting, rules::kMaxNesting + 1}) {
    CAPTURE(depth);
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += ":0\n{\n";
    for (std::size_t i = 0; i < depth; ++i) text += "}\n";
    CHECK((checks(text).find("nesting") != std::string::npos) == (depth > rules::kMaxNesting));
  }
}
