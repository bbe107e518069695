// What `sluice config` and `sluice quota` have in common: their command line, and where they write.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "filter/site_options.h"
#include "mailbox/result.h"

namespace filter::tools {

inline constexpr int kFine = 0;      // exit codes of the tools (CONTRACT.md 2)
inline constexpr int kUnusable = 2;  // usage, or unreadable input

struct SiteTool {
  SiteOptions site;
  bool json = false;          // --format json
  bool only_changed = false;  // -n
  bool help = false;          // --help
  bool version = false;       // --version
};

// Reads a whole command line; site options may stand anywhere. Permanent, as a sentence: whatever is unknown.
mailbox::Result<SiteTool> read_site_tool(std::span<const std::string> words, bool takes_n);

// To standard output, all of it; says so on standard error if that fails. Returns the exit code.
int print(std::string_view text);
// "sluice config: what" on standard error. Returns the exit code for that.
int complain(std::string_view tool, std::string_view what);

}  // namespace filter::tools
