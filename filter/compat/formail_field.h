// One header field as data: its name, its text, and what formail can do to it.
// SPDX-License-Identifier: Apache-2.0
//
//   Field field = parse_field("Subject : hi\n there\n", 0)->field;   // name "Subject:", text "Subject: hi\n there\n"
//   if (field.matches("sub")) field.rename(3, "Ob");                 // "Object: hi\n there\n"
//
// Text is bytes: NUL and bytes above 127 are kept as they are. Source: formail(1), PROCMAIL.md 26.2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace filter::compat {

inline constexpr std::string_view kFromName = "From ";

struct Field {
  std::string text;             // name, content and line end(s); ends in LF
  std::size_t name_length = 0;  // with the colon, or with the blank of "From "

  std::string_view name() const { return std::string_view(text).substr(0, name_length); }
  // Without the last LF.
  std::string_view content() const { return std::string_view(text).substr(name_length, text.size() - name_length - 1); }
  bool is_from_line() const { return name() == kFromName; }
  // `pattern` is a whole name with its colon, or the beginning of one; letter case does not matter.
  bool matches(std::string_view pattern) const;
  // Replaces the first `length` bytes. A "From " line that gets another name has its ">From " lines made continuations.
  void rename(std::size_t length, std::string_view replacement);
  // One line: each LF that a blank follows becomes a blank.
  void join_lines();
  // Puts a blank behind the colon if there is content without one.
  void space_content();
  // The content is nothing, or one blank.
  bool is_empty() const;
};

std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_ignoring_case(std::string_view text, std::string_view prefix);

// Length of the name at the start of `line`, the colon included: printable bytes without a blank, then blanks, then a
// colon. "From " counts where `from_line` says so. 0: none. `name` is what is left without the blanks before the colon.
struct NameSpan {
  std::size_t name = 0;   // bytes of the bare name
  std::size_t whole = 0;  // bytes up to and with the colon
};
NameSpan find_name(std::string_view line, bool from_line);

// The field whose name `find_name` found; `raw` ends behind its last line.
Field make_field(std::string_view raw, NameSpan span);

// Whether digests may begin with such a field: the names mail and news programs are known to write.
bool is_known_name(std::string_view name);

}  // namespace filter::compat
