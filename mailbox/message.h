// A message as it arrived: immutable bytes, where its header ends, and its fields.
// SPDX-License-Identifier: Apache-2.0
//
//   auto message = mailbox::Message(std::move(bytes));
//   message.header();            // up to and with the empty line
//   message.body();              // what follows
//   message.field("Subject");    // " Hello\n world": the first such field's raw contents, or nothing
//
// Cheap to copy: copies share the bytes, and every view lives as long as any copy does. A filter makes a new Message.
// Only LF ends a line: a CRLF message is all header, as under procmail (PROCMAIL.md 3.2).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mailbox {

class Message {
 public:
  Message() : Message(std::string()) {}
  explicit Message(std::string bytes);

  std::string_view bytes() const { return *bytes_; }
  // The header with the empty line that ends it; everything where no empty line follows the first non-LF byte, or
  // where a NUL comes first (PROCMAIL.md 3.1, 3.3). header() + body() == bytes().
  std::string_view header() const { return bytes().substr(0, header_size_); }
  std::string_view body() const { return bytes().substr(header_size_); }
  // The From_ line with its LF, if the message starts with one.
  std::string_view from_line() const;
  // The From_ line and the ">From " lines directly behind it: what `!` and Maildirs leave out (PROCMAIL.md 15.4).
  std::string_view envelope_lines() const;
  // The raw contents of the first field of that name (any case, no colon): what stands behind the colon, continuation
  // lines with their LFs included, the last LF not.
  std::optional<std::string_view> field(std::string_view name) const;

 private:
  std::shared_ptr<const std::string> bytes_;
  std::size_t header_size_;
};

// The same of any header, also that of a part.
std::optional<std::string_view> find_field(std::string_view header, std::string_view name);

// The same of any text that starts as a message does.
std::string_view envelope_lines(std::string_view text);

// The header as conditions see it: the LF before a blank or TAB becomes one blank (PROCMAIL.md 3.6). Same length.
std::string unfolded(std::string_view header);

// A piece of a message on its way out: to a folder, a program, or another host.
struct Outgoing {
  std::string_view header;  // empty when only the body goes out
  std::string_view body;    // empty when only the header goes out
  bool raw = false;         // the recipe's flag r: no From_ quoting, nothing added

  std::size_t size() const { return header.size() + body.size(); }
  // Whether one LF is to be added at the end: unless raw, whatever does not end in two (PROCMAIL.md 15.2).
  bool wants_final_newline() const;
};

}  // namespace mailbox
