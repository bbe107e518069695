// Lines out of bytes: ends, limits at n-1, n, n+1, and bytes that come one at a time.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/line_buffer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using pop3d::kLongestDrained;
using pop3d::kLongestLine;
using pop3d::LineBuffer;

namespace {

// Each line in angle brackets; "long" and "endless" for what is none.
std::string lines_of(LineBuffer& buffer) {
  std::string text;
  while (const auto line = buffer.next()) {
    switch (line->kind) {
      case LineBuffer::Kind::Line:
        text += '<' + std::string(line->text) + '>';
        break;
      case LineBuffer::Kind::TooLong:
        text += "long ";
        break;
      case LineBuffer::Kind::Endless:
        text += "endless ";
        break;
    }
  }
  return text;
}

std::string cut(std::string_view bytes, std::size_t chunk) {
  LineBuffer buffer;
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(chunk, bytes.size()))) {
    buffer.add(bytes.substr(0, chunk));
    text += lines_of(buffer);
  }
  return text;
}

}  // namespace

TEST_CASE("CRLF and LF end a line, CR alone does not") {
  const struct {
    std::string input, lines;
  } rows[] = {
      {"", ""},
      {"NOOP", ""},
      {"NOOP\r", ""},
      {"NOOP\n", "<NOOP>"},
      {"NOOP\r\n", "<NOOP>"},
      {"NOOP\r\r\n", "<NOOP\r>"},
      {"A\rB\r\nC", "<A\rB>"},
      {"\n\r\n", "<><>"},
      {"A\r\nB\nC\r\n", "<A><B><C>"},
      {std::string("A\0B\n", 4), std::string("<A\0B>", 5)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.input);
    CHECK(cut(row.input, 1000) == row.lines);
    CHECK(cut(row.input, 1) == row.lines);
  }
}

TEST_CASE("a line has its longest length") {
  for (const std::string end : {"\n", "\r\n"}) {
    for (const std::size_t chunk : {1u, 7u, 4096u, 1000000u}) {
      CAPTURE(end, chunk);
      for (const auto length : {kLongestLine - 1, kLongestLine}) {
        CHECK(cut(std::string(length, 'x') + end + "A\n", chunk) == '<' + std::string(length, 'x') + "><A>");
      }
      for (const auto length : {kLongestLine + 1, kLongestLine + 2, kLongestLine + 3, kLongestDrained - 1}) {
        CHECK(cut(std::string(length, 'x') + end + "A\n", chunk) == "long <A>");
      }
      CHECK(cut(std::string(kLongestDrained + 1, 'x') + end + "A\n", chunk) == "endless ");
    }
  }
}

TEST_CASE("a line without an end stops it all, and holds no memory") {
  LineBuffer buffer;
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    buffer.add(std::string(1000, 'x'));
    text += lines_of(buffer);
  }
  buffer.add("\nNOOP\n");
  CHECK(text + lines_of(buffer) == "endless ");
}

TEST_CASE("clear forgets what was not read") {
  LineBuffer buffer;
  buffer.add("A\nB\nC");
  CHECK(buffer.next()->text == "A");
  buffer.clear();
  CHECK(lines_of(buffer).empty());
  buffer.add("D\n");
  CHECK(lines_of(buffer) == "<D>");
}
