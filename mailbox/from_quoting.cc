// The bytes of a message in an mbox: '>' before every "From " that follows an LF, and an LF at the end.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/from_quoting.h"

#include <cstddef>

namespace mailbox {
namespace {

constexpr std::size_t kMostPieces = 4096;  // beyond that a copy is smaller than the list of pieces

// Cuts `text` behind each LF that a "From " follows, handing out the parts with ">" between them.
template <class Sink>
void quote(std::string_view text, bool at_line_start, Sink&& sink) {
  std::size_t begin = 0;
  if (at_line_start && text.starts_with("From ")) sink(std::string_view(">"));
  for (auto hit = text.find("\nFrom "); hit != std::string_view::npos; hit = text.find("\nFrom ", hit + 1)) {
    sink(text.substr(begin, hit + 1 - begin));
    sink(std::string_view(">"));
    begin = hit + 1;
  }
  if (begin < text.size()) sink(text.substr(begin));
}

template <class Sink>
void write_out(const Outgoing& content, Sink&& sink) {
  if (content.raw) {
    sink(content.header);
    sink(content.body);
    return;
  }
  quote(content.header, false, sink);
  // A body on its own is quoted from its first byte on: its sender shall not begin a message of the mbox.
  quote(content.body, content.header.empty() || content.header.ends_with('\n'), sink);
  if (content.wants_final_newline()) sink(std::string_view("\n"));
}

}  // namespace

MboxText::MboxText(const Outgoing& content) {
  std::size_t count = 0;
  write_out(content, [&](std::string_view piece) { ++count, size_ += piece.size(); });
  if (count <= kMostPieces) {
    pieces_.reserve(count);
    write_out(content, [&](std::string_view piece) { pieces_.push_back(piece); });
  } else {
    copy_.reserve(size_);
    write_out(content, [&](std::string_view piece) { copy_.append(piece); });
    pieces_.push_back(copy_);
  }
}

}  // namespace mailbox
