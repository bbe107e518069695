// One delivery for one account: who, which message, which rules, and the answer that the mail server understands.
// SPDX-License-Identifier: Apache-2.0
#include "filter/deliver_command.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <utility>

#include "filter/agent_host.h"
#include "filter/delivery_plan.h"
#include "filter/delivery_report.h"
#include "filter/exit_code.h"
#include "filter/incoming.h"
#include "filter/options.h"
#include "filter/rc_file.h"
#include "filter/site_options.h"
#include "filter/stop_signal.h"
#include "filter/surroundings.h"
#include "mailbox/file.h"
#include "mailbox/quota.h"
#include "mailbox/site/account.h"
#include "mailbox/site/places.h"
#include "mailbox/spool.h"
#include "mailbox/state_dir.h"

namespace filter {
namespace {

namespace site = mailbox::site;

constexpr char kHelp[] =
    "usage: sluice deliver [--config F] [--user NAME] [--SECTION.KEY VALUE]... [-topY] [-f sender] [-a argument]...\n"
    "                      [NAME=value | rcfile]...\n"
    "Delivers the message on standard input: the site's rules, then the user's, then the inbox, within the quotas.\n"
    "  --config F   the configuration, instead of /etc/sluice/sluice.conf\n"
    "  --user NAME  for whom; without it, for the user who runs it\n"
    "  -f sender    the envelope sender, for the From_ line\n"
    "  -a argument  $1, $2, ... of the rules: for Postfix, -a \"$EXTENSION\"\n"
    "  rcfile       instead of the user's rules; an absolute path, ./path, or below the home\n"
    "Exit status: 0 delivered; 67 no such account; 73 refused; 75 try again later; or the rules' EXITCODE.\n";

// The agent's host for an account of a site: users' rules may be confined, and what is forwarded is marked.
class DeliveryHost final : public AgentHost {
 public:
  DeliveryHost(AgentSetup setup, const site::Account& account, int confined_home)
      : AgentHost(std::move(setup)), account_(account), home_(confined_home) {}

  void begin_stage(std::size_t index) override {
    if (home_ >= 0 && index == kUserStage) confine(home_, account_.home);
  }
  // A forward that comes back is known by this field (CONTRACT.md 6).
  rules::ProgramOutcome run(const rules::Place& place, const rules::ProgramCall& call) override {
    if (call.purpose != rules::ProgramCall::Purpose::Forward || call.input.header.empty()) return AgentHost::run(place, call);
    rules::ProgramCall marked = call;
    const std::string header = "Delivered-To: " + account_.name + "\n" + std::string(call.input.header);
    marked.input.header = header;
    return AgentHost::run(place, marked);
  }

 private:
  const site::Account& account_;
  int home_;   // -1: not confined
};

class Delivery {
 public:
  explicit Delivery(SiteOptions site, ProcmailOptions options) : site_(std::move(site)), options_(std::move(options)) {}

  Report run();

 private:
  std::optional<Report> prepare();
  std::optional<Report> find_account();
  std::optional<Report> take_message();
  std::optional<Report> become_account();
  std::optional<Report> read_rules(DeliveryPlan& plan);
  bool is_loop() const;
  Report deliver(const DeliveryPlan& plan, Log& log);

  SiteOptions site_;
  ProcmailOptions options_;
  site::Config config_;
  site::Account account_;
  mailbox::Message message_;
  bool confined_ = false;       // the user's rules stay in the home and run no programs
  std::vector<std::string> notes_;   // what was done to the inbox as root
  std::string state_;           // state.dir/USER, or empty: the agent works without
};

std::optional<Report> Delivery::find_account() {
  const site::Accounts accounts(config_);
  const char* login = std::getenv("LOGNAME");
  const auto found = site_.user ? accounts.find_recipient(*site_.user) : accounts.find_own(login != nullptr ? login : "");
  if (!found) return temporary("4.3.0", found.error().text);
  if (!*found) {
    const std::string who = site_.user ? "there is no account " + *site_.user : "this user has no account; say --user NAME";
    return Report{ExitCode::NoUser, "5.1.1", who};
  }
  account_ = **found;
  if (!account_.extension.empty() && options_.arguments.empty()) options_.arguments.push_back(account_.extension);
  confined_ = config_.rules_programs == site::RulePrograms::Never;
  if (config_.rules_programs == site::RulePrograms::OwnUid) {
    const auto shares = accounts.shares_uid(account_);
    if (!shares) return temporary("4.3.0", shares.error().text);
    confined_ = *shares;
  }
  return std::nullopt;
}

std::optional<Report> Delivery::take_message() {
  auto bytes = read_message(STDIN_FILENO, config_.mail_max_size);
  if (!bytes && bytes.error().is_permanent()) return Report{ExitCode::CannotCreate, "5.3.4", bytes.error().text};
  if (!bytes) return temporary("4.3.0", bytes.error().text);
  // Postfix tells its mailbox_command the envelope sender this way (local(8)); the header is asked where nobody tells.
  const char* sender = std::getenv("SENDER");
  const FromLine from{options_.sender, sender != nullptr ? sender : sender_in(mailbox::Message(*bytes)), std::time(nullptr)};
  message_ = mailbox::Message(with_from_line(std::move(*bytes), from));
  if (is_loop()) return Report{ExitCode::CannotCreate, "5.4.6", "mail loop: " + account_.name + " has had this message before"};
  return std::nullopt;
}

// Whether the header bears the field that our own forwards add. The mail server's has the recipient's whole address.
bool Delivery::is_loop() const {
  std::string_view rest = message_.header();
  const std::string own = mailbox::unfolded("delivered-to: " + account_.name);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string line(rest.substr(0, end));
    for (char& c : line)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (line == own) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

// What root does for the account, then never again: its state directory, its place in the spool, and becoming it.
std::optional<Report> Delivery::become_account() {
  if (!config_.state_dir.empty() && account_.uid != uid_t{0}) {
    auto state = mailbox::ensure_state(config_.state_dir, account_.name, account_.uid, account_.gid);
    if (state) state_ = std::move(*state);
  }
  if (geteuid() == 0 && account_.uid && account_.gid) {
    auto spool = mailbox::prepare_spool(site::inbox_of(config_, account_), account_.name, *account_.uid, *account_.gid);
    if (!spool) return temporary("4.3.0", spool.error().text);
    notes_ = std::move(spool->notes);
  }
  if (const auto became = site::become(account_, config_.accounts_source); !became) return temporary("4.3.5", became.error().text);
  return std::nullopt;
}

std::optional<Report> Delivery::read_rules(DeliveryPlan& plan) {
  const uid_t uid = account_.uid.value_or(getuid());
  const gid_t gid = account_.gid.value_or(getgid());
  if (!config_.rules_site.empty()) {
    // The site's file is the admin's, who may be the user that everything runs as.
    RcReading site = read_rc_file(site::expand(config_.rules_site, account_), {.owner = uid, .group = gid});
    if (site.failure) return temporary("4.3.5", site.failure->text);
    plan.site_rules = std::move(site.file);
    plan.site_directory = site::folders_of(config_, account_);
    static_cast<void>(mailbox::make_directory(AT_FDCWD, plan.site_directory, 0700));
  }
  std::vector<std::pair<std::string, bool>> paths;   // and whether it is the default
  for (const std::string& name : options_.rc_files)
    paths.emplace_back(name.starts_with('/') || name.starts_with("./") ? name : account_.home + '/' + name, false);
  if (paths.empty()) paths.emplace_back(site::expand(config_.rules_user, account_), true);
  for (const auto& [path, is_default] : paths) {
    RcReading user = read_rc_file(path, {.owner = uid, .group = gid, .is_default = is_default, .checked = !path.starts_with("./")});
    if (user.failure) return temporary("4.3.0", user.failure->text);
    plan.user_rules.push_back(std::move(user.file));
  }
  return std::nullopt;
}

std::optional<Report> Delivery::prepare() {
  auto config = site::read_config(site_.config, site_.settings);
  if (!config) return temporary("4.3.5", config.error().text);
  config_ = std::move(*config);
  if (auto report = find_account()) return report;
  if (auto report = take_message()) return report;
  return become_account();
}

Report Delivery::run() {
  if (auto report = prepare()) {
    report->account = account_.name.empty() ? site_.user.value_or("") : account_.name;
    Log log = Log::for_delivery(config_.log_target);
    log_report(log, config_, *report, message_);
    return *report;
  }
  Log site_log = Log::for_delivery(config_.log_target);
  for (const std::string& note : notes_) site_log.write("sluice: " + note + '\n');
  Log log = Log::for_delivery(config_.log_target);
  DeliveryPlan plan;
  std::optional<Report> failed = read_rules(plan);
  Report report = failed ? *failed : deliver(plan, log);
  report.account = account_.name;
  log_report(site_log, config_, report, message_);
  return report;
}

Report Delivery::deliver(const DeliveryPlan& rules, Log& log) {
  DeliveryPlan plan = rules;
  const std::string inbox = site::inbox_of(config_, account_);
  plan.recipient = {account_.name, account_.home, "/bin/sh", inbox, host_name()};
  plan.environment = kept_environment(false);
  plan.assignments = options_.assignments;
  plan.arguments = options_.arguments;
  plan.failure_status = to_status(ExitCode::TempFail);
  plan.wants_biff = options_.rc_files.empty();
  mailbox::Quota::Options limits = site::quota_of(config_, account_);
  limits.state = state_;
  mailbox::Quota quota(std::move(limits));
  const mailbox::UniqueFd output(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  const mailbox::UniqueFd home(confined_ ? open(account_.home.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
  if (confined_ && !home) return temporary("4.3.5", mailbox::system_failure("cannot enter " + account_.home).error().text);
  DeliveryHost host({.log = &log, .inbox = inbox, .state = state_, .quota = &quota, .output = output.get(), .explain = true,
                     .own_binary = kThisBinary},
                    account_, home.get());
  const rules::Verdict verdict = run_plan(plan, message_, host);
  Report report = report_of(verdict, plan.failure_status, host, config_);
  report.folder = verdict.last_folder;
  return report;
}

}  // namespace

int deliver_command(std::span<const std::string> words) {
  if (!words.empty() && words[0] == "--help") return std::fputs(kHelp, stdout) < 0;
  if (!words.empty() && words[0] == "--version") return std::puts("sluice " SLUICE_VERSION) < 0;
  auto site = take_site_options(words);
  if (!site) return answer(temporary("4.3.5", site.error().text));
  ProcmailOptions options = read_options(words.subspan(site->used));
  if (options.deliver_mode || options.filter_mode || options.keep_environment || options.lmtp)
    return answer(temporary("4.3.5", "-d, -m, -p and -z are not for sluice deliver: say --user NAME"));
  if (options.help || options.version || !options.complaints.empty())
    return answer(temporary("4.3.5", options.complaints.empty() ? "see sluice deliver --help" : options.complaints[0]));
  install_signal_handlers();
  return answer(Delivery(std::move(*site), std::move(options)).run());
}

}  // namespace filter
