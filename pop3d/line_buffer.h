// What a client sent, cut into lines: CRLF or LF ends one, a bare CR never does, and every length is bounded.
// SPDX-License-Identifier: Apache-2.0
//
//   LineBuffer lines;
//   lines.add(bytes);
//   while (auto line = lines.next()) switch (line->kind) …   // line->text lives until the next call
//
// A line over kLongestLine (or what set_longest() says) is reported once, as TooLong, when its end has come; what it
// held is forgotten meanwhile. After kLongestDrained octets without an end it is Endless, and nothing more comes out:
// the client talks another language, and the connection is to be closed. Holds at most what add() was given plus that
// many octets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

inline constexpr std::size_t kLongestLine = 2048;           // octets before the line end
inline constexpr std::size_t kLongestResponse = 16 * 1024;  // the same of an answer to a SASL challenge
inline constexpr std::size_t kLongestDrained = 64 * 1024;   // of one line, before we hang up

class LineBuffer {
 public:
  enum class Kind { Line, TooLong, Endless };
  struct Line {
    Kind kind = Kind::Line;
    std::string_view text;  // without the line end; may hold NUL, CR and whatever else
  };

  void add(std::string_view bytes);
  // The next whole line, or nothing until more bytes are added.
  std::optional<Line> next();
  void set_longest(std::size_t octets) { longest_ = octets; }  // kLongestLine at first
  // Forgets everything unread: what came before STLS must not be obeyed after it (RFC 2595).
  void clear();

 private:
  std::optional<Line> keep_rest();
  void release();

  std::size_t longest_ = kLongestLine;
  std::string bytes_;
  std::size_t begin_ = 0;     // of what next() has not handed out
  std::size_t searched_ = 0;  // no line end between begin_ and here
  std::size_t drained_ = 0;   // octets of an overlong line that are gone already
};

}  // namespace pop3d
