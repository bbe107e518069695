// Cuts what a client sent into lines; see the header for the limits.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/line_buffer.h"

namespace pop3d {

void LineBuffer::add(std::string_view bytes) {
  bytes_.erase(0, begin_);
  searched_ -= begin_;
  begin_ = 0;
  bytes_ += bytes;
}

std::optional<LineBuffer::Line> LineBuffer::next() {
  if (drained_ > kLongestDrained) return std::nullopt;
  const auto end = bytes_.find('\n', searched_);
  if (end == std::string::npos) return keep_rest();
  auto text = std::string_view(bytes_).substr(begin_, end - begin_);
  begin_ = searched_ = end + 1;
  if (text.ends_with('\r')) text.remove_suffix(1);
  const auto length = drained_ + text.size();
  drained_ = 0;
  if (length <= longest_) return Line{Kind::Line, text};
  if (length <= kLongestDrained) return Line{Kind::TooLong, {}};
  drained_ = kLongestDrained + 1;
  return Line{Kind::Endless, {}};
}

// Without a line end in sight: keeps what may still become a line, forgets what cannot.
std::optional<LineBuffer::Line> LineBuffer::keep_rest() {
  const auto rest = bytes_.size() - begin_;
  if (rest == 0) return release(), std::nullopt;
  searched_ = bytes_.size();
  if (drained_ + rest <= longest_ + 1) return std::nullopt;  // one more: it may be the CR of a CRLF
  drained_ += rest;
  bytes_.clear();
  begin_ = searched_ = 0;
  // A CR at the very end may belong to the line end; being off by that one octet is harmless here.
  if (drained_ <= kLongestDrained) return std::nullopt;
  drained_ = kLongestDrained + 1;
  return Line{Kind::Endless, {}};
}

void LineBuffer::clear() {
  release();
  drained_ = 0;
}

// Ten thousand clients that say nothing shall cost nothing.
void LineBuffer::release() {
  bytes_ = std::string();
  begin_ = searched_ = 0;
}

}  // namespace pop3d
