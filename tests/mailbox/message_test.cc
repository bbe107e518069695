// Where a message's header ends, what its fields are, and when an LF is added.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/message.h"

#include <catch2/catch.hpp>

using namespace std::string_literals;

namespace mailbox {

TEST_CASE("header and body") {
  struct Row {
    std::string bytes, header;
  };
  const Row rows[] = {
      {"", ""},
      {"\n", "\n"},
      {"\n\n\n", "\n\n\n"},
      {"A: b\n\nbody\n", "A: b\n\n"},
      {"A: b\n", "A: b\n"},
      {"A: b", "A: b"},
      {"A: b\n\n", "A: b\n\n"},
      {"\n\nA: b\n\nbody", "\n\nA: b\n\n"},              // PROCMAIL.md 3.1: leading LFs are skipped
      {"A: b\n \n\nbody", "A: b\n \n\n"},                // a line of blanks does not end it
      {"A: b\r\n\r\nbody\r\n", "A: b\r\n\r\nbody\r\n"},  // 3.2
      {"A: \0b\n\nbody"s, "A: \0b\n\nbody"s},            // 3.3
      {"A: b\n\nbo\0dy"s, "A: b\n\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    const Message message(row.bytes);
    CHECK(message.header() == row.header);
    CHECK(std::string(message.header()) + std::string(message.body()) == row.bytes);
  }
}

TEST_CASE("copies share the bytes") {
  auto first = std::make_unique<Message>("A: b\n\nbody");
  const Message second = *first;
  const auto body = first->body();
  first.reset();
  CHECK(body == "body");
  CHECK(second.body().data() == body.data());
}

TEST_CASE("From_ lines") {
  struct Row {
    std::string bytes, from, envelope;
  };
  const Row rows[] = {
      {"From a\n>From b\n>From c\nA: b\n\n>From d\n", "From a\n", "From a\n>From b\n>From c\n"},
      {"From a", "From a", "From a"},
      {"A: b\n", "", ""},
      {">From b\nA: b\n", "", ""},
      {"From: a\n", "", ""},
      {"\nFrom a\n", "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    CHECK(Message(row.bytes).from_line() == row.from);
    CHECK(Message(row.bytes).envelope_lines() == row.envelope);
  }
}

TEST_CASE("fields") {
  const Message message("From a\nSubject: one\n two\n\tthree\nsubject: later\nX : y\nEmpty:\nLast:z\n\nSubject: no\n");
  struct Row {
    std::string name;
    std::optional<std::string> value;
  };
  const Row rows[] = {{"Subject", " one\n two\n\tthree"},
                      {"SUBJECT", " one\n two\n\tthree"},
                      {"x", " y"},
                      {"Empty", ""},
                      {"Last", "z"},
                      {"Subj", std::nullopt},
                      {"From", std::nullopt},
                      {"", std::nullopt}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto value = message.field(row.name);
    REQUIRE(value.has_value() == row.value.has_value());
    if (value) CHECK(*value == *row.value);
  }
  CHECK(Message("\n\nA:b").field("a") == "b");
  CHECK_FALSE(Message("").field("a"));
}

TEST_CASE("unfolded") {
  CHECK(unfolded("A: b\n c\n\td\nE: f\n") == "A: b  c \td\nE: f\n");
  CHECK(unfolded("\n") == "\n");
  CHECK(unfolded("") == "");
}

TEST_CASE("an LF is added to what does not end in two") {
  struct Row {
    std::string header, body;
    bool raw, wants;
  };
  const Row rows[] = {
      {"", "", false, true},         {"", "\n", false, true},       {"", "\n\n", false, false},
      {"", "x\n\n", false, false},   {"", "x\n", false, true},      {"", "x", false, true},
      {"A:b\n\n", "", false, false}, {"A:b\n", "\n", false, false}, {"A:b\n\n", "\n", false, false},
      {"A:b\n\n", "x", false, true}, {"", "x", true, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.header, row.body, row.raw);
    CHECK(Outgoing{row.header, row.body, row.raw}.wants_final_newline() == row.wants);
  }
}

}  // namespace mailbox
