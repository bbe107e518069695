// Reads header lines, and counts bytes.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/frame.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace filter::tools::lsp {
namespace {

std::optional<std::size_t> content_length(std::string_view line) {
  static constexpr std::string_view kName = "content-length:";
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (line.size() < kName.size()) return std::nullopt;
  for (std::size_t i = 0; i < kName.size(); ++i)
    if (lower(line[i]) != kName[i]) return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(" \t", kName.size()), line.size()));
  std::size_t size = 0;
  const auto done = std::from_chars(line.data(), line.data() + line.size(), size);
  if (done.ec != std::errc()) return std::nullopt;
  return size;
}

}  // namespace

// True: a body follows.
bool FrameReader::read_header() {
  for (;;) {
    const std::size_t end = pending_.find('\n');
    if (end == std::string::npos) {
      if (pending_.size() > kMaxHeaderLine) pending_.clear();
      return false;
    }
    std::string_view line = std::string_view(pending_).substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool is_empty = line.empty();
    if (const auto size = content_length(line)) size_ = size;
    pending_.erase(0, end + 1);
    if (is_empty && size_) return true;
  }
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
