// Cuts the bytes of a mail file into messages: an mbox, or one message alone.
// SPDX-License-Identifier: Apache-2.0
//
//   MessageCutter cutter([&](std::string message) { … });
//   while (cutter.feed(chunk)) {}                 // false: see finish()
//   auto done = cutter.finish();                  // Permanent: "is no mail"
//
// The rules of mailbox/mbox_format.h: a From_ line with a plausible date begins a message behind an empty line, in a
// header, or at the start of the file; NUL bytes and empty lines before the first message are skipped; the empty line
// before the next From_ line is the mbox's, not the message's. A file without a From_ line is one message if it starts
// with a header field. An empty file holds no message. Memory: one message and one chunk.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mailbox/result.h"

namespace filter::tools {

// A saved message beyond this is none: no mail server has let it through.
inline constexpr std::size_t kMaxSavedMessage = std::size_t{1} << 30;

// Whether a text starts with a header field, From_ lines in front of it aside.
bool starts_as_message(std::string_view text);

class MessageCutter {
 public:
  using Take = std::function<void(std::string)>;
  explicit MessageCutter(Take take) : take_(std::move(take)) {}

  bool feed(std::string_view chunk);
  mailbox::Result<void> finish();

 private:
  enum class Form { Unknown, Mbox, Single, NoMail };
  void skip_lead();
  void learn_form(bool at_end);
  void cut(bool at_end);
  std::optional<std::size_t> next_separator(bool at_end);
  bool may_begin(std::size_t line);
  void deliver(std::string message);

  Take take_;
  std::string pending_;  // the current message as far as it is known
  Form form_ = Form::Unknown;
  std::size_t scanned_ = 0;  // of pending_: no From_ line begins before it
  bool in_header_ = true;    // up to scanned_
  bool in_lead_ = true;
  bool has_nul_lead_ = false;
  bool too_long_ = false;
};

}  // namespace filter::tools
