// `sluice config`: the effective settings of a site.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice config". Prints one `section.key = value` a line, which sluice.conf takes as it stands, or
// one JSON object of strings and (for repeatable keys) arrays of strings; with -n only what differs from the default.
// Exit code: 0; 2 for usage and for a configuration that cannot be read.
int config_command(std::span<const std::string> arguments);

}  // namespace filter::tools
