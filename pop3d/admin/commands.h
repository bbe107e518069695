// What sluice-admin can do, a function each: it prints, and returns the exit code (CONTRACT.md 2: 0 fine, 1 findings, 2
// usage or something that cannot be read).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mailbox/site/config.h"
#include "pop3d/admin/command_line.h"

namespace pop3d::admin {

inline constexpr int kFine = 0;
inline constexpr int kFindings = 1;
inline constexpr int kUnusable = 2;

// Reads a password from standard input and prints a secret for accounts.file.
int make_password(const CommandLine& line);
// Looks at an inbox and its state; with --repair mends what can be mended.
int check(const CommandLine& line, const mailbox::site::Config& config);
// Removes an account's state.
int purge(const CommandLine& line, const mailbox::site::Config& config);
// Lists the unique ids of an inbox: "uidl export USER".
int uidl(const CommandLine& line, const mailbox::site::Config& config);
// Gives messages the ids that they had on another server: "uidl import USER [FILE]".
int import_uidls(const CommandLine& line, const mailbox::site::Config& config);
// Lists who has a session.
int who(const CommandLine& line, const mailbox::site::Config& config);
// Ends a user's session, by way of the server.
int kick(const CommandLine& line, const mailbox::site::Config& config);

// "sluice-admin: what" on standard error; kUnusable.
int complain(std::string_view what);

}  // namespace pop3d::admin
