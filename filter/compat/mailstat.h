// The program mailstat(1): what a log of procmail's holds, told folder by folder.
// SPDX-License-Identifier: Apache-2.0
//
//   return compat::mailstat_command("mailstat", words);      // words without the program's name
//
// As Debian's mailstat 3.22 (PROCMAIL.md 27.2, mailstat(1)): 0 mail arrived, 1 none did or there is no log, 64 usage.
// Unless told to keep it, the log becomes LOG.old and an empty LOG, mode 0600, takes its place. Standard input is read
// where no log is named.
//
// Ours, where something is wrong: a log that cannot be moved keeps its content (procmail's empties it where it can);
// a directory is no log (procmail's moves it away). Folders whose names are equal as numbers (12, 012) stay apart.
#pragma once

#include <span>
#include <string>

namespace filter::compat {

int mailstat_command(const std::string& name, std::span<const std::string> words);

}  // namespace filter::compat
