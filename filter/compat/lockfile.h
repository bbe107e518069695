// The program lockfile(1): makes one or more lock files, all or none.
// SPDX-License-Identifier: Apache-2.0
//
//   return compat::lockfile_command("lockfile", words);      // words without the program's name
//
// As lockfile of Debian's procmail 3.22 (PROCMAIL.md 27.1, lockfile(1)). Exit codes: 0 all were made; 73 the retries
// are used up ("Sorry"); 69 impossible ("Try praying"); 75 a signal came; 64 usage, version or help. Whenever it fails
// it removes the files that it made, and unlocks the system mailbox if it did anything to its lock. -! swaps 0 and 73.
//
// Ours: a busy lock is had milliseconds after it is let go; -ml and -mu ask dotlockfile(1) where /var/mail is closed
// to the user, since lockfile is not set-gid; a user without a name gets 64 from -ml and -mu, never 0.
#pragma once

#include <span>
#include <string>

namespace filter::compat {

int lockfile_command(const std::string& name, std::span<const std::string> words);

}  // namespace filter::compat
