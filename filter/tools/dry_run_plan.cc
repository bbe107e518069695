// Makes the plan that a dry-run decides by.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_run_plan.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <utility>

#include "filter/exit_code.h"
#include "filter/incoming.h"
#include "filter/rc_file.h"
#include "filter/surroundings.h"
#include "filter/tools/rule_files.h"
#include "mailbox/message.h"
#include "mailbox/site/account.h"
#include "mailbox/site/config.h"
#include "mailbox/site/places.h"
#include "rules/compiler.h"

namespace filter::tools {
namespace {

namespace site = mailbox::site;
using mailbox::ErrorKind;
using mailbox::Result;

std::string from_environment(std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  return {};
}

// The name and the home of whoever runs this. Where the environment is as bare as in a container, /etc/passwd is read:
// to ask NSS would open sockets.
struct Login {
  std::string name = from_environment({"LOGNAME", "USER"});
  std::string home = from_environment({"HOME"});

  Login() {
    if (!name.empty() && !home.empty()) return;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"), std::fclose);
    const passwd* own = nullptr;
    while (file && (own = ::fgetpwent(file.get())) != nullptr && own->pw_uid != getuid()) {
    }
    if (own == nullptr) return;
    if (name.empty()) name = own->pw_name;
    if (home.empty()) home = own->pw_dir;
  }
};

// The words HOME=… and LOGNAME=… stand for what the environment would say, and are no assignments.
std::string taken_out(std::vector<std::pair<std::string, std::string>>& assignments, const std::string& name,
                      std::string otherwise) {
  std::erase_if(assignments, [&](const auto& assignment) {
    if (assignment.first != name) return false;
    otherwise = assignment.second;
    return true;
  });
  return otherwise;
}

Result<site::Account> account_of(const site::Config& config, const DryRunOptions& options, const std::string& login,
                                 const std::string& home) {
  site::Account account;
  if (config.accounts_source == site::AccountSource::File) {
    const site::Accounts accounts(config);
    auto found = options.site.user ? accounts.find_recipient(*options.site.user) : accounts.find_own(login);
    if (!found) return std::unexpected(found.error());
    if (*found) return std::move(**found);
    if (options.site.user) return mailbox::failure(ErrorKind::NotFound, "there is no account " + *options.site.user);
    return mailbox::failure(ErrorKind::NotFound, "which account? say --user NAME");
  }
  account.name = options.site.user.value_or(login);
  account.home = home;
  account.shell = "/bin/sh";
  return account;
}

// Whether the users' rules run no programs and stay in the home. Of system accounts only NSS could tell who shares a
// uid; none is taken to.
Result<bool> is_confined(const site::Config& config, const site::Account& account) {
  if (config.rules_programs == site::RulePrograms::Never) return true;
  if (config.rules_programs == site::RulePrograms::Always || config.accounts_source == site::AccountSource::System)
    return false;
  return site::Accounts(config).shares_uid(account);
}

Result<void> use_site(DryPlan& plan, const DryRunOptions& options, const std::string& login, const std::string& home) {
  const auto config = site::read_config(options.site.config, options.site.settings);
  if (!config) return std::unexpected(config.error());
  const auto account = account_of(*config, options, login, home);
  if (!account) return std::unexpected(account.error());
  const std::string inbox = site::inbox_of(*config, *account);
  plan.delivery.recipient = {account->name, account->home, "/bin/sh", inbox, host_name()};
  if (!account->extension.empty()) plan.delivery.arguments.push_back(account->extension);
  plan.delivery.failure_status = to_status(ExitCode::TempFail);
  plan.max_size = config->mail_max_size;
  plan.ensures_from_line = true;
  plan.setup.inbox = inbox;
  const auto confined = is_confined(*config, *account);
  if (!confined) return std::unexpected(confined.error());
  if (*confined) plan.setup.confined_to = account->home;
  if (config->rules_site.empty()) return {};
  auto rules = read_rc_file(site::expand(config->rules_site, *account),
                            {.owner = account->uid.value_or(getuid()), .group = account->gid.value_or(getgid())});
  if (rules.failure) return std::unexpected(*rules.failure);
  plan.delivery.site_rules = std::move(rules.file);
  plan.delivery.site_directory = plan.setup.made_directory = site::folders_of(*config, *account);
  return {};
}

}  // namespace

Decision DryPlan::decide(mailbox::Message message) const {
  if (max_size > 0 && message.bytes().size() > max_size) {
    Decision refused;
    refused.outcome = Outcome::Refused;
    refused.exit_code = to_status(ExitCode::CannotCreate);
    return refused;
  }
  if (ensures_from_line) {
    const std::string sender = sender_in(message);
    message = mailbox::Message(with_from_line(std::string(message.bytes()), {{}, sender, std::time(nullptr)}));
  }
  DryHost host(setup);
  const rules::Verdict verdict = run_prepared(prepared, std::move(message), host);
  return std::move(host).decision(verdict);
}

Result<DryPlan> make_dry_plan(const DryRunOptions& options) {
  DryPlan plan;
  plan.delivery.assignments = options.assignments;
  const Login environment;
  const std::string home = taken_out(plan.delivery.assignments, "HOME", environment.home);
  const std::string login = taken_out(plan.delivery.assignments, "LOGNAME", environment.name);
  if (options.site_given) {
    const auto done = use_site(plan, options, login, home);
    if (!done) return std::unexpected(done.error());
  } else {
    plan.delivery.recipient = {login, home, "/bin/sh", "/var/mail/" + login, host_name()};
  }
  const Recipient& recipient = plan.delivery.recipient;
  if (!recipient.home.starts_with('/'))
    return mailbox::failure(ErrorKind::Permanent, "HOME is not set to an absolute path: say HOME=/home/you");
  if (recipient.name.empty()) return mailbox::failure(ErrorKind::Permanent, "LOGNAME is not set: say LOGNAME=you");
  auto text = read_rule_file(options.rules, true);
  if (!text) return std::unexpected(text.error());

  plan.rules = rules::Source(options.rules, std::move(*text));
  const rules::Compiled compiled = rules::compile(plan.rules);
  plan.rule_errors = static_cast<std::size_t>(
      std::ranges::count(compiled.diagnostics, rules::Severity::Error, &rules::Diagnostic::severity));
  rules::RcFile file{options.rules, compiled.program, {}};
  plan.delivery.user_rules.push_back(std::move(file));
  plan.delivery.environment = kept_environment(false);
  std::error_code failed;
  plan.setup.directory = std::filesystem::current_path(failed).string();
  plan.setup.assumptions = options.assumptions;
  plan.setup.runs_conditions = options.runs_conditions;
  plan.setup.traces = options.traces;
  plan.prepared = prepare(plan.delivery);
  return plan;
}

}  // namespace filter::tools
