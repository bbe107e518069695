// Reads mail piece by piece: a window to look ahead in, the header's fields, and where the next message begins.
// SPDX-License-Identifier: Apache-2.0
//
//   Window window(source);
//   std::vector<Field> fields = read_header(window, {.digest = false});
//   if (begins_message(window, scan)) ...
//
// Memory: the header, or what has to be looked at before a header is known to be one; never a body. A name is at most
// kMaxNameLength bytes long. Bytes are bytes: NUL and those above 127 mean nothing special.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filter/compat/formail_field.h"

namespace filter::compat {

inline constexpr std::string_view kArticle = "Article ";
inline constexpr std::size_t kMaxNameLength = 64 * 1024;

// Where the mail comes from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the beginning of `room`, tells how much of it; 0 at the end.
  virtual std::size_t read(std::span<char> room) = 0;
};

class Window {
 public:
  explicit Window(ByteSource& source) : source_(source) {}
  // What has been read and not consumed.
  std::string_view ahead() const { return std::string_view(buffer_).substr(begin_); }
  // Makes at least `size` bytes lie ahead if there are that many.
  bool fill(std::size_t size);
  // Like fill, but reads no more than it must to have one byte more than now.
  bool more() { return fill(ahead().size() + 1); }
  bool at_end() { return !fill(1); }
  // -1 behind the end.
  int at(std::size_t i) { return fill(i + 1) ? static_cast<unsigned char>(buffer_[begin_ + i]) : -1; }
  bool starts_with(std::string_view text, std::size_t from = 0);
  // Behind the LF of the line that begins at `from`, or the end of the input.
  std::size_t line_end(std::size_t from);
  void consume(std::size_t size);

 private:
  ByteSource& source_;
  std::string buffer_;
  std::size_t begin_ = 0;
  bool ended_ = false;
};

struct ScanRules {
  bool any_line = false;  // -e
  bool digest = false;    // -d
  bool babyl = false;     // -B
  std::size_t min_fields = 2;
};

// The fields at the front, consumed; the line that ends them is not.
std::vector<Field> read_header(Window& window, bool digest);

// Looks at what lies ahead, which is at the start of a line. `length`: how many bytes were taken for a header; 0 if
// there is nothing of the kind. `is_message`: they are enough to begin one.
struct HeaderScan {
  std::size_t length = 0;
  bool is_message = false;
};
// `loose`: any "From " line is as good as a postmark.
HeaderScan scan_for_message(Window& window, const ScanRules& rules, bool loose = false);

}  // namespace filter::compat
