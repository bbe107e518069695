// The unique id's vectors, frozen: a failure here means that every client downloads all its mail again.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/uidl.h"

#include <catch2/catch.hpp>

#include <string>

#include "mailbox/mbox_format.h"

namespace {

using Home = mailbox::MessageText::Home;
constexpr const char* kFrom = "From anna@example.org  Thu Jan  1 00:00:00 1970";

std::string id(std::string_view from, std::string_view stored, std::size_t piece = 100000, Home home = Home::Mbox) {
  mailbox::MessageMeter meter(home);
  if (!from.empty()) meter.from_line(from);
  for (std::size_t at = 0; at < stored.size(); at += piece) meter.feed(stored.substr(at, piece));
  return mailbox::uidl_text(meter.finish(), 1);
}

}  // namespace

TEST_CASE("uidl: frozen vectors") {
  struct Row {
    std::string from, stored, value;
  };
  const Row rows[] = {
      {kFrom, "Subject: hello\n\nbody\n\n", "a8bc42cbeb3a1addbc3d3f26710d4498"},
      {"", "Subject: hello\n\nbody\n", "223fe342c9aad5409084a9c9ecb6458b"},
      {kFrom, "", "60a65a62db6d71e936200a07ef6cd806"},
      {kFrom, "Subject: only a header\n", "af57a14497615e2c3f6e6d4c4d6b2d10"},
      {kFrom, "Subject: x\r\n\r\nline\r\n", "dd42f8ea4df130c250b8d798cf34da8a"},
      {kFrom, "Subject: long\n\n" + std::string(100000, 'x') + "\n\n", "501aeb4ddd5870b3de903ab9971f6b34"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 14, 15, 16, 1000000}) {
      CAPTURE(row.stored.substr(0, 100), piece);
      CHECK(id(row.from, row.stored, piece, row.from.empty() ? Home::Maildir : Home::Mbox) == row.value);
    }
  }
}

TEST_CASE("uidl: what other programs do to a message changes nothing") {
  struct Row {
    std::string one, other;
  };
  const Row rows[] = {
      // the tail, mended by the next delivery
      {"S: x\n\nbody", "S: x\n\nbody\n\n"},
      {"S: x\n\nbody\n", "S: x\n\nbody\n\n"},
      {"S: x\n\nbody\r", "S: x\n\nbody\r\n\n"},
      {"S: x\r\n\r\nbody\r\n\r\n", "S: x\r\n\r\nbody\r\n\r\n\n"},
      {"S: x", "S: x\n\n"},
      {"S: x\n", "S: x\n\n"},
      {"", "\n"},
      {"", "\n\n"},
      // fields that mail readers write
      {"S: x\n\nbody\n", "S: x\nStatus: RO\n\nbody\n"},
      {"S: x\n\nbody\n", "Status: O\nS: x\nX-Status: A\nX-UID: 12\nContent-Length:    5\n\nbody\n"},
      {"S: x\n\nbody\n", "S: x\nSTATUS: RO\n\tfolded\n more\n\nbody\n"},
      {"S: x\n", "S: x\nStatus: RO\n\n"},
      {"S: x\r\n\r\nb\r\n", "S: x\r\nContent-Length: 3\r\n\r\nb\r\n"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 2, 5, 100000}) {
      CAPTURE(row.one, row.other, piece);
      CHECK(id(kFrom, row.one) == id(kFrom, row.other, piece));
    }
  }
}

TEST_CASE("uidl: different messages differ") {
  const std::string rows[] = {
      "S: x\n\nbody\n",
      "S: x\n\nbody\n\n\n",
      "S: x\n\nbodz\n",
      "S: y\n\nbody\n",
      "S: x\nX: 1\n\nbody\n",
      "S: x\n\nStatus: RO\nbody\n",
      "S: x\n\tStatus: RO\n\nbody\n",
      "S: x\nStatuses: 1\n\nbody\n",
      "S: x\n\n\nbody\n",
      "S: x\r\n\r\nbody\r\n",
  };
  for (const auto& one : rows) {
    for (const auto& other : rows) {
      CAPTURE(one, other);
      CHECK((id(kFrom, one) == id(kFrom, other)) == (one == other));
    }
    CHECK(id(kFrom, one) != id("From anna@example.org  Thu Jan  1 00:00:01 1970", one));
  }
}

TEST_CASE("uidl: ordinals") {
  const mailbox::UidlBase base{0x0123456789abcdef, 0xf};
  CHECK(mailbox::uidl_text(base, 1) == "0123456789abcdef000000000000000f");
  CHECK(mailbox::uidl_text(base, 2) == "0123456789abcdef000000000000000f-2");
  CHECK(mailbox::uidl_text(base, 4294967295) == "0123456789abcdef000000000000000f-4294967295");
}
