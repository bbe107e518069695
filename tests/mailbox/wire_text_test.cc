// Bytes at rest to bytes on the wire: the table of POP3.md 2, in pieces of every size, and the count that agrees.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/wire_text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace std::string_literals;

namespace {

std::string encode(std::string_view text, std::size_t piece_size) {
  mailbox::WireEncoder wire;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece_size) wire.encode(text.substr(at, piece_size), out);
  wire.finish(out);
  return out;
}

std::uint64_t count(std::string_view text, std::size_t piece_size) {
  mailbox::WireCounter counter;
  for (std::size_t at = 0; at < text.size(); at += piece_size) counter.add(text.substr(at, piece_size));
  return counter.finish();
}

}  // namespace

TEST_CASE("wire text: line ends become CRLF, all else stays") {
  struct Row {
    std::string at_rest, on_the_wire;
  };
  const Row rows[] = {
      {"", ""},
      {"\n", "\r\n"},
      {"a\n", "a\r\n"},
      {"a", "a\r\n"},
      {"a\r\n", "a\r\n"},
      {"a\r", "a\r\n"},
      {"a\r\r\n", "a\r\r\n"},
      {"a\rb\n", "a\rb\r\n"},
      {"\r\n\r\n", "\r\n\r\n"},
      {"\n\n\n", "\r\n\r\n\r\n"},
      {"a\n\r\nb\r\n\n", "a\r\n\r\nb\r\n\r\n"},
      {"\n\r", "\r\n\r\n"},
      {"\r\n\r", "\r\n\r\n"},
      {"a\0b\n"s, "a\0b\r\n"s},
      {"\xff\x80\n", "\xff\x80\r\n"},
      {".\n..\n", ".\r\n..\r\n"},
      {">From x\nFrom y\n", ">From x\r\nFrom y\r\n"},
      {"S: x\n\n" + std::string(5000, 'x') + "\n", "S: x\r\n\r\n" + std::string(5000, 'x') + "\r\n"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 2, 3, 7, 100000}) {
      CAPTURE(row.at_rest, piece);
      CHECK(encode(row.at_rest, piece) == row.on_the_wire);
      CHECK(count(row.at_rest, piece) == row.on_the_wire.size());
    }
  }
}
