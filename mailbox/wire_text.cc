// A message's text as a POP3 client gets it: bytes at rest to bytes on the wire, and how many those are.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/wire_text.h"

#include <cstring>

#include "mailbox/line_scan.h"

namespace mailbox {
namespace {

// `text` takes bytes as they are, `add_cr` puts a CR behind what went before: for every LF that bare_line_feeds() counts.
template <class Text, class AddCr>
void walk(std::string_view piece, char& last, const Text& text, const AddCr& add_cr) {
  if (piece.empty()) return;
  const char* at = piece.data();
  const char* const end = at + piece.size();
  const char* from = at;
  while (at < end) {
    const auto* line_feed = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (!line_feed) break;
    const char before = line_feed == piece.data() ? last : line_feed[-1];
    if (before != '\r') {
      text(from, line_feed);
      add_cr();
      from = line_feed;
    }
    at = line_feed + 1;
  }
  text(from, end);
  last = piece.back();
}

// What a text that ended in `last` still lacks. A CR at the very end needs only its LF: what appends to an mbox adds
// that LF before the next message, and the size of a message must not depend on whether one came.
std::string_view missing_line_end(char last) {
  if (last == '\n') return {};
  return last == '\r' ? "\n" : "\r\n";
}

}  // namespace

void WireEncoder::encode(std::string_view piece, std::string& out) {
  walk(piece, last_, [&](const char* from, const char* to) { out.append(from, to); }, [&] { out += '\r'; });
}

void WireEncoder::finish(std::string& out) {
  out += missing_line_end(last_);
  last_ = '\n';
}

void WireCounter::add(std::string_view piece) {
  if (piece.empty()) return;
  octets_ += piece.size() + bare_line_feeds(piece, last_);
  last_ = piece.back();
}

std::uint64_t WireCounter::finish() {
  octets_ += missing_line_end(last_).size();
  last_ = '\n';
  return octets_;
}

}  // namespace mailbox
