// Dot-stuffing and TOP's line count, line by line.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/dot_stuffer.h"

namespace pop3d {

bool DotStuffer::add(std::string_view piece, std::string& out) {
  while (!piece.empty() && !enough_) {
    if (at_line_start_ && piece.front() == '.') out += '.';
    const auto end = piece.find('\n');
    const auto part = piece.substr(0, end == piece.npos ? end : end + 1);
    out += part;
    piece.remove_prefix(part.size());
    const auto text = part.substr(0, end);  // without the LF
    if (!text.empty() && text != "\r") line_is_empty_ = false;
    if (text == "\r" && ends_in_cr_ && !at_line_start_) line_is_empty_ = false;  // CR CR LF is no empty line
    if (part.ends_with('\n')) {
      if (end_line()) enough_ = true;
    } else {
      at_line_start_ = false;
      ends_in_cr_ = part.ends_with('\r');
    }
  }
  return !enough_;
}

// Whether that was the last line wanted.
bool DotStuffer::end_line() {
  if (in_header_) {
    in_header_ = !line_is_empty_;
  } else if (body_lines_ && *body_lines_ > 0) {
    --*body_lines_;
  }
  at_line_start_ = line_is_empty_ = true;
  ends_in_cr_ = false;
  return !in_header_ && body_lines_ && *body_lines_ == 0;
}

void DotStuffer::finish(std::string& out) {
  if (!at_line_start_) out += "\r\n";
  out += ".\r\n";
}

}  // namespace pop3d
