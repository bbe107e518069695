// Reads header lines, and counts bytes.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/frame.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace filter::tools::lsp {
namespace {

// Looked for anywhere in the line: behind a body that was longer than its header said, the next header has no line of
// its own.
std::optional<std::size_t> content_length(std::string_view line) {
  static constexpr std::string_view kName = "content-length:";
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; };
  const auto found = std::ranges::find_end(line, kName, same);
  if (found.empty()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(found.end() - line.begin()));
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  std::size_t size = 0;
  const auto done = std::from_chars(line.data(), line.data() + line.size(), size);
  if (done.ec != std::errc() || size > kMaxSkipped) return std::nullopt;
  return size;
}

}  // namespace

// True: a body follows.
bool FrameReader::read_header() {
  std::size_t begin = 0;
  bool ended = false;
  for (std::size_t end; !ended && (end = pending_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::string_view line = std::string_view(pending_).substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto size = content_length(line)) size_ = size;
    ended = line.empty() && size_;
  }
  pending_.erase(0, begin);
  if (!ended && pending_.size() > kMaxHeaderLine) pending_.clear();
  return ended;
}

std::optional<std::string> FrameReader::next() {
  for (;;) {
    if (to_skip_ > 0) {
      const std::size_t now = std::min(to_skip_, pending_.size());
      pending_.erase(0, now);
      to_skip_ -= now;
      if (to_skip_ > 0) return std::nullopt;
    }
    if (!in_body_) {
      if (!read_header()) return std::nullopt;
      in_body_ = true;
    }
    if (*size_ > kMaxFrame) {
      to_skip_ = *std::exchange(size_, std::nullopt);
      in_body_ = false;
      continue;
    }
    if (pending_.size() < *size_) return std::nullopt;
    std::string body = pending_.substr(0, *size_);
    pending_.erase(0, *size_);
    size_.reset();
    in_body_ = false;
    return body;
  }
}

std::string framed(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace filter::tools::lsp
