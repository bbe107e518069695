// The message on standard input: read whole, before any rule file is looked at, with the From_ line it needs.
// SPDX-License-Identifier: Apache-2.0
//
//   auto bytes = read_message(STDIN_FILENO, config.mail_max_size);
//   mailbox::Message message(with_from_line(std::move(*bytes), {.sender = "anna@example.org", .now = time(nullptr)}));
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "mailbox/message.h"
#include "mailbox/result.h"

namespace filter {

// To the end. Beyond `limit` bytes (0: none) the rest is read and forgotten, so that the sender's pipe does not break, and
// the error is Permanent; a failing read is Temporary.
mailbox::Result<std::string> read_message(int fd, std::uint64_t limit);

// The sender that the header itself names, where nobody tells the envelope's: Return-Path, else Sender, else From. Empty,
// which a From_ line spells MAILER-DAEMON, for a Return-Path of <> and where there is none of them.
std::string sender_in(const mailbox::Message& message);

struct FromLine {
  std::optional<std::string> given;   // -f: replaces the From_ line that is there; "-": only its time
  std::string sender;                 // whom to name where none is there and none was given
  std::time_t now = 0;
};

// Drops empty lines at the start, then keeps, replaces or adds the From_ line (PROCMAIL.md 4.2).
std::string with_from_line(std::string bytes, const FromLine& wanted);

}  // namespace filter
