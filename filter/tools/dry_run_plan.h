// Whose rules, and where: what a dry-run decides by, made once for all messages.
// SPDX-License-Identifier: Apache-2.0
//
//   auto plan = make_dry_plan(options);
//   Decision decision = plan->decide(message);     // from any thread
//
// Names nobody from NSS, which would open sockets: a system account's HOME and LOGNAME are the environment's (or HOME=,
// LOGNAME= words), and where that has none, those of whoever runs this in /etc/passwd; --user only says who it is. An
// account of a passwd-file has the home that the file gives it.
#pragma once

#include <cstdint>
#include <string>

#include "filter/delivery_plan.h"
#include "filter/tools/dry_host.h"
#include "filter/tools/dry_run_options.h"
#include "mailbox/message.h"
#include "mailbox/result.h"
#include "rules/diagnostic.h"

namespace filter::tools {

struct DryPlan {
  DeliveryPlan delivery;
  PreparedPlan prepared;           // of it
  DrySetup setup;
  rules::Source rules{"", ""};     // what --rules names
  std::size_t rule_errors = 0;     // in them, as their compiler counts
  std::uint64_t max_size = 0;      // mail.max-size; 0: no limit
  bool ensures_from_line = false;  // as `sluice deliver` does

  Decision decide(mailbox::Message message) const;
};

// Permanent or NotFound, as a sentence: the rules or the configuration cannot be read, or there is no such account.
mailbox::Result<DryPlan> make_dry_plan(const DryRunOptions& options);

}  // namespace filter::tools
