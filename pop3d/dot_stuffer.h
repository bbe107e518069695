// A message on its way to the client: lines that begin with a dot get another, TOP ends early, "." ends it all.
// SPDX-License-Identifier: Apache-2.0
//
//   DotStuffer stuffer(10);                                   // TOP n 10; without a number: all of it
//   drop.fetch(i, [&](std::string_view piece) { return stuffer.add(piece, out); });
//   stuffer.finish(out);                                      // only if the fetch succeeded
//
// Takes wire text (CRLF line ends) in pieces cut anywhere. Only LF ends a line here: a bare CR is text, so it cannot
// bring a dot to a line start that the client would not see as one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

class DotStuffer {
 public:
  explicit DotStuffer(std::optional<std::uint64_t> body_lines = std::nullopt) : body_lines_(body_lines) {}

  // Appends to `out`. False: enough, all lines that TOP wants are there, and further pieces add nothing.
  bool add(std::string_view piece, std::string& out);
  // Appends the final "." line, and a CRLF before it if the text did not end in one.
  void finish(std::string& out);

 private:
  bool end_line();

  std::optional<std::uint64_t> body_lines_;  // still to come
  bool in_header_ = true;
  bool at_line_start_ = true;
  bool line_is_empty_ = true;  // nothing but perhaps a CR so far
  bool ends_in_cr_ = false;
  bool enough_ = false;
};

}  // namespace pop3d
