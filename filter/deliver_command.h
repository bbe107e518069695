// `sluice deliver`: procmail with a site's configuration, its rules, accounts and quotas.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter {

// The words behind "sluice deliver". Whatever happens, the exit code is one that a mail server understands, and a failure's
// first line of output is "X.Y.Z text" (CONTRACT.md 2).
int deliver_command(std::span<const std::string> words);

}  // namespace filter
