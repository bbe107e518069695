// Makes stages of rule files, and starts the run in its directory.
// SPDX-License-Identifier: Apache-2.0
#include "filter/delivery_plan.h"

namespace filter {

PreparedPlan prepare(const DeliveryPlan& plan) {
  PreparedPlan prepared;
  rules::Plan& run = prepared.run;
  run.assignments = plan.assignments;
  run.fall_back = plan.fall_back;
  run.failure_status = plan.failure_status;
  run.host_name = plan.recipient.host_name;
  rules::Stage site;
  rules::Stage user{.candidates = plan.user_rules};
  if (plan.site_rules) {
    site.candidates.push_back(*plan.site_rules);
    if (plan.site_directory.empty()) {
      const std::string path(kSystemPath);
      user.settings.emplace_back("PATH", plan.recipient.home + "/bin:" + path);
      user.defaults.emplace_back("MAILDIR", plan.recipient.home);
      user.silences = true;
    } else {
      site.settings.emplace_back("MAILDIR", plan.site_directory);
      user.settings.emplace_back("MAILDIR", plan.recipient.home);
    }
  }
  run.stages = {std::move(site), std::move(user)};

  rules::Start& start = prepared.start;
  start.variables = preset_variables(plan.recipient, plan.environment);
  start.wants_biff = plan.wants_biff;
  start.argument_zero = plan.argument_zero;
  if (!plan.wants_biff) start.variables.set("COMSAT", rules::Value("no"));
  if (!plan.fall_back) start.variables.unset("ORGMAIL");
  for (const std::string& argument : plan.arguments) start.arguments.emplace_back(argument, rules::Origin::Sender);
  if (plan.site_rules && plan.site_directory.empty()) {
    start.variables.unset("MAILDIR");
    start.variables.set("PATH", rules::Value(std::string(kSystemPath)));
  }
  return prepared;
}

rules::Verdict run_prepared(const PreparedPlan& plan, mailbox::Message message, rules::Host& host) {
  rules::Start start = plan.start;
  start.message = std::move(message);
  // Without it, the rules begin where the host is.
  if (!start.variables.find("MAILDIR")) return rules::run(plan.run, std::move(start), host);
  const std::string maildir = start.variables.text("MAILDIR");
  auto directory = host.enter(start.place, maildir);
  if (directory) {
    start.place.directory = std::move(*directory);
  } else {
    start.variables.set("MAILDIR", rules::Value("."));
  }
  return rules::run(plan.run, std::move(start), host);
}

rules::Verdict run_plan(const DeliveryPlan& plan, mailbox::Message message, rules::Host& host) {
  return run_prepared(prepare(plan), std::move(message), host);
}

}  // namespace filter
