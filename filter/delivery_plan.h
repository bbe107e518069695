// From who gets the message and which rule files there are to a plan that the engine runs, for the agent and for dry-run.
// SPDX-License-Identifier: Apache-2.0
//
//   DeliveryPlan plan{.recipient = anna, .user_rules = {read_rc_file(path, trust).file}};
//   rules::Verdict verdict = run_plan(plan, message, host);
//
// One place, so that what dry-run says and what delivery does cannot drift apart.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "filter/presets.h"
#include "mailbox/message.h"
#include "rules/rules.h"

namespace filter {

inline constexpr std::size_t kUserStage = 1;   // of the stages: 0 are the site's rules, 1 the user's

struct DeliveryPlan {
  Recipient recipient;
  std::vector<std::string> environment;           // what is kept of the environment: TZ, or with -p nearly all
  std::vector<std::pair<std::string, std::string>> assignments;   // of the command line
  std::vector<std::string> arguments;             // $1, $2, …: a sender may have chosen them (CONTRACT.md 5.4)
  std::optional<rules::RcFile> site_rules;        // run first, with MAILDIR = site_directory
  std::string site_directory;                     // empty: as procmail has it for /etc/procmailrc, where we were started
  std::vector<rules::RcFile> user_rules;          // candidates: the first that can be read
  bool fall_back = true;                          // false: -m
  int failure_status = 73;
  bool wants_biff = false;                        // COMSAT is on unless the rules say otherwise
  std::string argument_zero = "procmail";         // $0
};

// The same in two steps, for a plan that many messages are run by: what does not depend on them is made once.
struct PreparedPlan {
  rules::Plan run;
  rules::Start start;
};
PreparedPlan prepare(const DeliveryPlan& plan);
rules::Verdict run_prepared(const PreparedPlan& plan, mailbox::Message message, rules::Host& host);

// The working directory starts where MAILDIR says; where it cannot be entered, MAILDIR is ".", without a word, as under
// procmail.
rules::Verdict run_plan(const DeliveryPlan& plan, mailbox::Message message, rules::Host& host);

}  // namespace filter
