// Messages on a pipe as the language server protocol frames them: header lines, an empty line, so many bytes.
// SPDX-License-Identifier: Apache-2.0
//
//   FrameReader frames;
//   frames.feed(bytes);
//   while (auto body = frames.next()) …         // the bytes of one message
//
// What is no header line is passed over, line by line, so that one broken message does not end the session. Longer
// messages than kMaxFrame are passed over too; a length beyond kMaxSkipped is not believed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filter::tools::lsp {

inline constexpr std::size_t kMaxFrame = std::size_t{64} << 20;  // a rule file has at most 16 MiB; escapes triple it
inline constexpr std::size_t kMaxSkipped = std::size_t{1} << 30;
inline constexpr std::size_t kMaxHeaderLine = 8192;

class FrameReader {
 public:
  void feed(std::string_view bytes) { pending_ += bytes; }
  std::optional<std::string> next();

 private:
  bool read_header();

  std::string pending_;
  std::optional<std::size_t> size_;  // of the body, as far as header lines have said it
  bool in_body_ = false;
  std::size_t to_skip_ = 0;  // of a body that is too long
};

std::string framed(std::string_view body);

}  // namespace filter::tools::lsp
