// The options that come before all others where a site's configuration counts: --config, --user, --SECTION.KEY.
// SPDX-License-Identifier: Apache-2.0
//
//   auto site = take_site_options({"--quota.inbox", "10M", "--user=anna", "-t", "rc"});
//   site->settings;   // {{"quota.inbox", "10M"}}
//   site->used;       // 3: "-t" begins procmail's own command line
//
// Names are never abbreviated; each value is the next word or stands behind '='. The first word that is none of these
// ends them. Which keys exist is for mailbox::site::read_config to say.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mailbox/result.h"
#include "mailbox/site/config.h"

namespace filter {

struct SiteOptions {
  std::optional<std::string> config;             // --config F
  std::optional<std::string> user;               // --user NAME
  std::vector<mailbox::site::Setting> settings;  // --SECTION.KEY VALUE, in their order
  std::size_t used = 0;                          // how many words were taken
};

// Permanent: a value is missing, or --config or --user is given twice.
mailbox::Result<SiteOptions> take_site_options(std::span<const std::string> words);

}  // namespace filter
