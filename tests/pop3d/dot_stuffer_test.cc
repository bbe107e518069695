// Dot-stuffing and TOP, whatever pieces the text comes in.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/dot_stuffer.h"

#include <catch2/catch.hpp>

using pop3d::DotStuffer;
using namespace std::string_literals;

namespace {

std::string stuffed(std::string_view text, std::optional<std::uint64_t> lines, std::size_t chunk) {
  DotStuffer stuffer(lines);
  std::string out;
  for (; !text.empty(); text.remove_prefix(std::min(chunk, text.size()))) {
    if (!stuffer.add(text.substr(0, chunk), out)) {
      const auto before = out;
      CHECK(!stuffer.add("more\r\n", out));
      CHECK(out == before);
      break;
    }
  }
  stuffer.finish(out);
  return out;
}

}  // namespace

TEST_CASE("dots, ends and TOP's lines") {
  const struct {
    std::string text;
    std::optional<std::uint64_t> lines;
    std::string out;
  } rows[] = {
      {"", {}, ".\r\n"},
      {".", {}, "..\r\n.\r\n"},
      {".\r\n", {}, "..\r\n.\r\n"},
      {"..\r\n", {}, "...\r\n.\r\n"},
      {"a.b\r\n.c\r\nd.\r\n", {}, "a.b\r\n..c\r\nd.\r\n.\r\n"},
      {"a\r\n\r\n.\r\n\r\n", {}, "a\r\n\r\n..\r\n\r\n.\r\n"},
      {"no end", {}, "no end\r\n.\r\n"},
      {"a\r.b\r\n", {}, "a\r.b\r\n.\r\n"},
      {"a\n.b\r\n", {}, "a\n..b\r\n.\r\n"},
      {"\0.\r\n.\0\r\n"s, {}, "\0.\r\n..\0\r\n.\r\n"s},
      {"h: 1\r\n\r\na\r\nb\r\n", 0, "h: 1\r\n\r\n.\r\n"},
      {"h: 1\r\n\r\na\r\nb\r\n", 1, "h: 1\r\n\r\na\r\n.\r\n"},
      {"h: 1\r\n\r\na\r\nb\r\n", 2, "h: 1\r\n\r\na\r\nb\r\n.\r\n"},
      {"h: 1\r\n\r\na\r\nb\r\n", 3, "h: 1\r\n\r\na\r\nb\r\n.\r\n"},
      {"h: 1\r\n\r\na\r\nb\r\n", ~0ull, "h: 1\r\n\r\na\r\nb\r\n.\r\n"},
      {"h: 1\r\n\r\n.a\r\n.b\r\n", 1, "h: 1\r\n\r\n..a\r\n.\r\n"},
      {"h: 1\r\ni: 2\r\n", 0, "h: 1\r\ni: 2\r\n.\r\n"},
      {"\r\nbody\r\n", 0, "\r\n.\r\n"},
      {"h\r\n\r\r\nx\r\n\r\ny\r\n", 0, "h\r\n\r\r\nx\r\n\r\n.\r\n"},
      {"h\r\n\r\n\r\n\r\nx\r\n", 2, "h\r\n\r\n\r\n\r\n.\r\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text, row.lines.value_or(4711));
    for (const std::size_t chunk : {1000, 1, 2, 3, 5}) CHECK(stuffed(row.text, row.lines, chunk) == row.out);
  }
}
