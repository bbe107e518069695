// The bytes that a message becomes in an mbox.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/from_quoting.h"

#include <catch2/catch.hpp>

using namespace std::string_literals;

namespace mailbox {
namespace {

std::string written(const MboxText& text) {
  std::string all;
  for (const auto piece : text.pieces()) all += piece;
  CHECK(all.size() == text.size());
  return all;
}

}  // namespace

TEST_CASE("From_ quoting") {
  struct Row {
    std::string header, body, expected;
    bool raw = false;
  };
  const Row rows[] = {
      {"From a\nA: b\n\n", "body\n", "From a\nA: b\n\nbody\n\n"},
      {"From a\nA: b\nFrom c\n\n", "\n", "From a\nA: b\n>From c\n\n\n"},
      {"A: b\n\n", "From x\nFrom y\n\n", "A: b\n\n>From x\n>From y\n\n"},
      {"A: b\n\n", ">From x\nFrom\nfrom y\n\n", "A: b\n\n>From x\nFrom\nfrom y\n\n"},
      {"A: b\n\n", "\0\nFrom x\n\n"s, "A: b\n\n\0\n>From x\n\n"s},
      {"Content-Length: 99\n\n", "x\nFrom x\n\n", "Content-Length: 99\n\nx\n>From x\n\n"},
      {"", "From x\n\n", ">From x\n\n"},  // a body alone: else its sender could begin a message
      {"From a\n\n", "", "From a\n\n"},
      {"", "", "\n"},
      {"A: b\n\n", "From x\n", "A: b\n\nFrom x\n", true},
      {"A: b\n\n", "\nFrom ", "A: b\n\n\n>From \n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.header, row.body);
    CHECK(written(MboxText({row.header, row.body, row.raw})) == row.expected);
  }
}

TEST_CASE("a message of very many From_ lines is quoted all the same") {
  for (const std::size_t count : {2046u, 2047u, 2048u, 100000u}) {
    CAPTURE(count);
    std::string body, expected = "A: b\n\n";
    for (std::size_t i = 0; i < count; ++i) body += "From x\n", expected += ">From x\n";
    const MboxText text({"A: b\n\n", body, false});
    CHECK(written(text) == expected + "\n");
    CHECK(text.pieces().size() <= 4097);
  }
}

}  // namespace mailbox
