// The agent under the name procmail: procmail's command line and effects, without any configuration of a site.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter {

// `name`: argv[0], as $0 and the messages say it. Returns the exit code (PROCMAIL.md 1.5).
int procmail_command(const std::string& name, std::span<const std::string> words);

}  // namespace filter
