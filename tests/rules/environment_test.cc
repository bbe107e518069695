// Variables, and those that are obeyed as numbers (PROCMAIL.md 20).
// SPDX-License-Identifier: Apache-2.0
#include "rules/environment.h"

#include <catch2/catch.hpp>

#include "rules/limits.h"

using rules::Environment;
using rules::Number;
using rules::Value;

TEST_CASE("numbers as procmail reads them") {
  struct Row {
    const char* text;
    long number;
  };
  for (const Row& row : std::vector<Row>{{"12", 12}, {" -3x", -3}, {"yes", 1}, {"True", 1}, {"enable", 1}, {"on", 1}, {"no", 0}, {"false", 0},
                                         {"disable", 0}, {"off", 0}, {"ON", 1}, {"all", 2}, {"", 99}, {"o", 99}, {"other", 99}, {"x", 99}}) {
    CAPTURE(row.text);
    CHECK(rules::read_number(row.text, 99) == row.number);
  }
}

TEST_CASE("what says nothing, and unsetting, leave a number as it was") {
  Environment variables;
  CHECK(variables.number(Number::Timeout) == 960);
  variables.set("TIMEOUT", Value("30"));
  variables.set("TIMEOUT", Value("x"));
  CHECK(variables.number(Number::Timeout) == 30);
  variables.unset("TIMEOUT");
  CHECK(variables.number(Number::Timeout) == 30);
  variables.set("EXITCODE", Value("3"));
  variables.set("EXITCODE", Value("x"));
  CHECK(variables.number(Number::ExitCode) == -1);
  variables.set("EXITCODE", Value("3"));
  variables.unset("EXITCODE");
  CHECK(variables.number(Number::ExitCode) == -1);
}

TEST_CASE("LINEBUF is not smaller than 128 nor larger than a line may be") {
  Environment variables;
  CHECK(variables.number(Number::LineBuffer) == 0);
  for (const auto& [text, number] : std::vector<std::pair<const char*, long>>{
           {"127", 128}, {"128", 128}, {"129", 129}, {"1048576", 1048576}, {"1048577", 1048576}}) {
    variables.set("LINEBUF", Value(text));
    CHECK(variables.number(Number::LineBuffer) == number);
  }
}

TEST_CASE("what programs see") {
  Environment variables;
  variables.set("B", Value("2"));
  variables.set("A", Value("1 x"));
  variables.set("NUL", Value(std::string("a\0b", 3)));
  variables.set("GONE", Value("x"));
  variables.unset("GONE");
  CHECK(variables.exported() == std::vector<std::string>{"A=1 x", "B=2", "NUL=a"});
  CHECK(variables.text("GONE").empty());
  CHECK(variables.find("GONE") == nullptr);
}
