// Client lines: what they mean, and what is refused with which words.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/command.h"

#include <catch2/catch.hpp>
#include <limits>

using pop3d::parse_command;
using pop3d::Verb;
using namespace std::string_literals;

namespace {
constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
}

TEST_CASE("commands that are understood") {
  const struct {
    std::string line;
    Verb verb;
    std::string text;
    std::optional<std::uint64_t> number;
    std::uint64_t lines;
  } rows[] = {
      {"NOOP", Verb::Noop, "", {}, 0},
      {"noop", Verb::Noop, "", {}, 0},
      {"nOoP  ", Verb::Noop, "", {}, 0},
      {"CAPA", Verb::Capa, "", {}, 0},
      {"USER anna", Verb::User, "anna", {}, 0},
      {"USER anna@example.org ", Verb::User, "anna@example.org", {}, 0},
      {"PASS a", Verb::Pass, "a", {}, 0},
      {"PASS ", Verb::Pass, "", {}, 0},
      {"PASS  a b  ", Verb::Pass, " a b  ", {}, 0},
      {"PASS \t\xc3\xa4", Verb::Pass, "\t\xc3\xa4", {}, 0},
      {"LIST", Verb::List, "", {}, 0},
      {"LIST ", Verb::List, "", {}, 0},
      {"LIST 1", Verb::List, "1", 1, 0},
      {"LIST 001 ", Verb::List, "001", 1, 0},
      {"UIDL", Verb::Uidl, "", {}, 0},
      {"UIDL 7", Verb::Uidl, "7", 7, 0},
      {"RETR 0", Verb::Retr, "0", 0, 0},
      {"RETR 4294967297", Verb::Retr, "4294967297", 4294967297, 0},
      {"RETR 18446744073709551615", Verb::Retr, "18446744073709551615", kMost, 0},
      {"RETR 18446744073709551616", Verb::Retr, "18446744073709551616", kMost, 0},
      {"DELE 3", Verb::Dele, "3", 3, 0},
      {"TOP 1 0", Verb::Top, "1 0", 1, 0},
      {"TOP 1 99999999", Verb::Top, "1 99999999", 1, 99999999},
      {"TOP 1 99999999999999999999 ", Verb::Top, "1 99999999999999999999", 1, kMost},
      {"PASS " + std::string(pop3d::kLongestCommand - 5, 'x'),
       Verb::Pass,
       std::string(pop3d::kLongestCommand - 5, 'x'),
       {},
       0},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto command = parse_command(row.line);
    REQUIRE(command);
    CHECK(command->verb == row.verb);
    CHECK(command->text == row.text);
    CHECK(command->number == row.number);
    CHECK(command->lines == row.lines);
  }
}

TEST_CASE("lines that are refused") {
  const struct {
    std::string line, complaint;
    bool is_probe = false;
  } rows[] = {
      {"", "empty line"},
      {" ", "unknown command"},
      {" NOOP", "unknown command"},
      {"NOOPS", "unknown command"},
      {"NOO", "unknown command"},
      {"USER\tanna", "unknown command"},
      {"NOOP x", "NOOP takes no argument"},
      {"QUIT now", "QUIT takes no argument"},
      {"STAT 1", "STAT takes no argument"},
      {"USER", "USER takes one name"},
      {"USER ", "USER takes one name"},
      {"USER  anna", "USER takes one name"},
      {"USER a b", "USER takes one name"},
      {"USER a\tb", "USER takes one name"},
      {"PASS", "PASS takes an argument"},
      {"LIST x", "LIST takes a message number"},
      {"LIST -1", "LIST takes a message number"},
      {"LIST +1", "LIST takes a message number"},
      {"LIST 1x", "LIST takes a message number"},
      {"LIST 1 2", "LIST takes a message number"},
      {"LIST  1", "LIST takes a message number"},
      {"LIST \t1", "LIST takes a message number"},
      {"RETR", "RETR takes a message number"},
      {"RETR ", "RETR takes a message number"},
      {"TOP 1", "TOP takes a message number and a number of lines"},
      {"TOP 1 x", "TOP takes a message number and a number of lines"},
      {"TOP 1 -1", "TOP takes a message number and a number of lines"},
      {"TOP 1  1", "TOP takes a message number and a number of lines"},
      {"NOOP\0"s, "control character in the line"},
      {"\0"s, "control character in the line"},
      {"NO\rOP", "control character in the line"},
      {"PASS a\rb", "control character in the line"},
      {"PASS " + std::string(pop3d::kLongestCommand - 4, 'x'), "line too long"},
      {"APOP a b", "APOP is not offered", true},
      {"LAST", "LAST is not offered", true},
      {"XTND XLST From", "XTND is not offered", true},
      {"XSENDER 1", "XSENDER is not offered", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    const auto command = parse_command(row.line);
    REQUIRE(!command);
    CHECK(command.error().text == row.complaint);
    CHECK(command.error().is_probe == row.is_probe);
  }
}
