// The name formail: reformats, extracts, answers and splits mail from standard input (formail(1)).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::compat {

// `name`: argv[0]. Returns the exit code: 0, with -D 1 for a message that was not there yet, 64 usage, 67 a reply to
// nobody, 73 no cache file, 74 nothing took the output, or what a program of -s returned (PROCMAIL.md 26).
int formail_command(const std::string& name, std::span<const std::string> words);

}  // namespace filter::compat
