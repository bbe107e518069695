// A message's text as a POP3 client gets it: bytes at rest to bytes on the wire, and how many those are.
// SPDX-License-Identifier: Apache-2.0
//
//   WireEncoder wire;
//   while (more) wire.encode(piece, out);   // appends to `out`; pieces of any size
//   wire.finish(out);                       // the last line's end
//
//   WireCounter count;                      // the same, but only counted: what LIST says is what RETR sends
//   count.add(piece); … ; count.finish();
//
// An LF becomes CRLF, unless a CR stands before it already; a bare CR, a NUL and 8-bit bytes stay as they are; lines
// are as long as they are; a text without a final line end gets one; a body line "From " or ">From " reads as stored
// (CONTRACT.md 7, POP3.md 2). Which bytes of a mailbox are a message's text is mbox_format.h's business, and doubling
// leading dots the protocol's. One object a message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailbox {

class WireEncoder {
 public:
  void encode(std::string_view piece, std::string& out);
  void finish(std::string& out);

 private:
  char last_ = '\n';  // the byte before the next piece
};

class WireCounter {
 public:
  void add(std::string_view piece);
  std::uint64_t finish();  // the octets of everything added, line end included

 private:
  std::uint64_t octets_ = 0;
  char last_ = '\n';
};

}  // namespace mailbox
