// The From_ line that starts each message of an mbox: "From anna@example.org  Thu Jan  1 00:00:00 1970".
// SPDX-License-Identifier: Apache-2.0
//
//   std::tm local; localtime_r(&now, &local);
//   from_line("anna@example.org", local);         // with its LF
//   is_from_line("From the beginning of time\n"); // false: no date
//
// Pure: the clock and the time zone are the caller's.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace mailbox {

// asctime(3)'s form after two blanks, as procmail and formail write it (PROCMAIL.md 4.2). Control bytes in the sender
// become '?'; an empty sender is MAILER-DAEMON.
std::string from_line(std::string_view sender, const std::tm& local);

// Whether a line begins a message for a reader of mbox files (POP3.md 13): "From ", something, and a plausible date.
// Taken are asctime's form with or without seconds, a time zone before or after the year, words after it ("remote from
// host"), and RFC 5322's form. The caller has seen to it that an empty line or the start of the file stands before it.
bool is_from_line(std::string_view line);

// The sender of such a line, or of any line that starts with "From ": what stands before the date, else the first word.
std::string_view from_line_sender(std::string_view line);

}  // namespace mailbox
