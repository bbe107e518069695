// One line of a client, read: which command, with which arguments, or what is wrong with it.
// SPDX-License-Identifier: Apache-2.0
//
//   auto command = parse_command("TOP 3 10");
//   if (!command) reply.err(command.error().text);
//   command->verb == Verb::Top; *command->number == 3; command->lines == 10;
//
// Strict where leniency would guess (blanks in front, TABs, doubled blanks, words too many), lenient where real
// clients are sloppy (case, a trailing blank, leading zeros): POP3.md 1. Whether a message number exists is not
// decided here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

inline constexpr std::size_t kLongestCommand = 253;  // RFC 2449 section 4: 255 octets with CRLF

enum class Verb { Auth, Capa, Dele, Lang, List, Noop, Pass, Quit, Retr, Rset, Stat, Stls, Top, Uidl, User, Utf8 };

struct Command {
  Verb verb = Verb::Noop;
  std::string_view text;                // USER: the name; PASS: the rest of the line, blanks and all; LANG: the tag;
                                        // AUTH: mechanism and initial response
  std::optional<std::uint64_t> number;  // as the client counts, from 1; a number too large to hold is the largest
  std::uint64_t lines = 0;              // TOP
};

// Why a line is no command. Probes for what other servers offer (APOP, LAST, XTND …) are no mistakes: they cost little.
struct Complaint {
  std::string text;
  bool is_probe = false;
};

// Views of the result point into `line`.
std::expected<Command, Complaint> parse_command(std::string_view line);

}  // namespace pop3d
