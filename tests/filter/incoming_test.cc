// Reading the message, and its From_ line (PROCMAIL.md 4).
// SPDX-License-Identifier: Apache-2.0
#include "filter/incoming.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

using filter::FromLine;
using filter::read_message;
using filter::with_from_line;

namespace {

mailbox::Result<std::string> read_through_pipe(const std::string& text, std::uint64_t limit, bool& all_taken) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::thread writer([&] {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = write(ends[1], text.data() + done, text.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    all_taken = done == text.size();
    close(ends[1]);
  });
  auto got = read_message(ends[0], limit);
  writer.join();
  close(ends[0]);
  return got;
}

}  // namespace

TEST_CASE("a message is read whole, up to the limit") {
  const struct {
    std::size_t size;
    std::uint64_t limit;
    bool taken;
  } rows[] = {{0, 10, true}, {9, 10, true}, {10, 10, true}, {11, 10, false}, {3'000'000, 0, true}, {3'000'000, 2'999'999, false}};
  for (const auto& row : rows) {
    CAPTURE(row.size, row.limit);
    const std::string text(row.size, 'x');
    bool all = false;
    const auto got = read_through_pipe(text, row.limit, all);
    CHECK(got.has_value() == row.taken);
    if (got) CHECK(*got == text);
    if (!got) CHECK(got.error().is_permanent());
    // A sender whose message is refused for its size must not see a broken pipe instead of the reason.
    CHECK(all);
  }
}

TEST_CASE("a failing read is temporary") {
  const int fd = open("/", O_RDONLY);
  const auto got = read_message(fd, 0);
  close(fd);
  REQUIRE_FALSE(got);
  CHECK(got.error().kind == mailbox::ErrorKind::Temporary);
}

TEST_CASE("the From_ line is kept, made, replaced or refreshed") {
  setenv("TZ", "UTC", 1);
  const std::string date = "Thu Jan  1 00:00:00 1970\n";
  const std::string old = "From old@example.org  Sat Jan  3 10:00:00 2015\n";
  const struct {
    std::string bytes;
    FromLine wanted;
    std::string result;
  } rows[] = {
      {"Subject: x\n\n", {std::nullopt, "me", 0}, "From me  " + date + "Subject: x\n\n"},
      {"", {std::nullopt, "me", 0}, "From me  " + date},
      {"\n\nSubject: x\n\n", {std::nullopt, "me", 0}, "From me  " + date + "Subject: x\n\n"},
      {old + "S: x\n\n", {std::nullopt, "me", 0}, old + "S: x\n\n"},
      {old + "S: x\n\n", {"you", "me", 0}, "From you  " + date + "S: x\n\n"},
      {old + "S: x\n\n", {"-", "me", 0}, "From old@example.org  " + date + "S: x\n\n"},
      {"S: x\n\n", {"-", "me", 0}, "From me  " + date + "S: x\n\n"},
      {"From cut off", {"you", "me", 0}, "From you  " + date},
  };
  for (const auto& row : rows) {
    CAPTURE(row.bytes);
    CHECK(with_from_line(row.bytes, row.wanted) == row.result);
  }
}

TEST_CASE("where nobody tells the envelope's sender, the header does") {
  const struct {
    const char* header;
    const char* sender;
  } rows[] = {{"Return-Path: <a@b>\nFrom: c@d\n", "a@b"},
              {"Return-Path: <>\nFrom: c@d\n", ""},
              {"Sender: owner@list\nFrom: c@d\n", "owner@list"},
              {"From: Clara <c@d>\n", "c@d"},
              {"From: c@d (Clara)\n", "c@d"},
              {"From: \"x <y>\" <c@d>\n", "c@d"},
              {"From: Clara <c@d\n", "c@d"},
              {"From:\n", ""},
              {"Subject: x\n", ""}};
  for (const auto& row : rows) {
    CAPTURE(row.header);
    CHECK(filter::sender_in(mailbox::Message(std::string(row.header) + "\nbody\n")) == row.sender);
  }
}
