// The command line of `sluice dry-run`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/site_options.h"
#include "filter/tools/dry_host.h"
#include "mailbox/result.h"

namespace filter::tools {

inline constexpr std::size_t kMostJobs = 256;  // threads; more would only wait for each other

struct DryRunOptions {
  SiteOptions site;
  bool site_given = false;  // any of --config, --user, --SECTION.KEY: as `sluice deliver`, else as `procmail`
  std::string rules;
  std::size_t jobs = 0;  // 0: one for each core
  enum class Format { Text, Json, Html };
  Format format = Format::Text;
  std::string output;  // empty: standard output
  bool runs_conditions = false;
  bool traces = false;
  std::vector<Assumption> assumptions;
  std::vector<std::pair<std::string, std::string>> assignments;
  std::vector<std::string> mail;
  bool help = false;
  bool version = false;
};

extern const std::string_view kDryRunHelp;

// Options may stand anywhere; behind "--" all words are MAIL. Permanent, as a sentence: whatever is wrong.
mailbox::Result<DryRunOptions> read_dry_run_options(std::span<const std::string> words);

}  // namespace filter::tools
