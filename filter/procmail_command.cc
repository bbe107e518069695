// Runs rules as procmail does: options, message, identity, rule files, verdict.
// SPDX-License-Identifier: Apache-2.0
#include "filter/procmail_command.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "filter/agent_host.h"
#include "filter/delivery_plan.h"
#include "filter/exit_code.h"
#include "filter/incoming.h"
#include "filter/options.h"
#include "filter/rc_file.h"
#include "filter/stop_signal.h"
#include "filter/surroundings.h"
#include "mailbox/file.h"
#include "mailbox/site/account.h"
#include "mailbox/spool.h"

namespace filter {
namespace {

namespace site = mailbox::site;

constexpr char kGlobalRules[] = "/etc/procmailrc";
constexpr char kSpecialRules[] = "/etc/procmailrcs/";   // under -m, whose owner the real one becomes
constexpr char kSpool[] = "/var/mail/";
constexpr char kUsage[] =
    "Usage: procmail [-vptoY] [-f fromwhom] [parameter=value | rcfile] ...\n"
    "   Or: procmail [-toY] [-f fromwhom] [-a argument] ... -d recipient ...\n"
    "   Or: procmail [-ptY] [-f fromwhom] -m [parameter=value] ... rcfile [arg] ...\n"
    "   Or: procmail [-toY] [-a argument] ... -z\n";
constexpr char kOptions[] =
    "\t-v\t\tdisplay the version number and exit\n"
    "\t-p\t\tpreserve (most of) the environment upon startup\n"
    "\t-t\t\tfail softly if mail is undeliverable\n"
    "\t-f fromwhom\t(re)generate the leading 'From ' line\n"
    "\t-o\t\toverride the leading 'From ' line if necessary\n"
    "\t-Y\t\tignore Content-Length: (it always is)\n"
    "\t-a argument\twill set $1, $2, ...\n"
    "\t-d recipient\texplicit delivery mode\n"
    "\t-m\t\tact as a general purpose mail filter\n"
    "Flags of recipes:\n"
    "\tH, B\tsearch the header (default), the body\t\tD\tupper and lower case differ\n"
    "\tA, a\tonly if the recipe before matched, and succeeded\n"
    "\tE, e\tonly if the recipe before did not match, or failed\n"
    "\th, b\tthe action gets the header, the body (default: both)\n"
    "\tf\ta filter\t\tc\ta copy, or a clone\ti\twrite errors do not count\n"
    "\tw, W\twait for the program, without a word\tr\tthe message as it is\n";

void say(const std::string& text) { std::fputs(("procmail: " + text + "\n").c_str(), stderr); }

class Procmail {
 public:
  Procmail(const std::string& name, ProcmailOptions options) : name_(name), options_(std::move(options)) {}

  int run();

 private:
  int deliver_to_all();
  int deliver(const site::Account& user);
  mailbox::Result<std::optional<site::Account>> find_recipient(const std::string& recipient) const;
  int deliver_as(const site::Account& user);
  int failure_status() const { return to_status(options_.fail_temporarily ? ExitCode::TempFail : ExitCode::CannotCreate); }
  bool become(const site::Account& user) const;
  std::vector<rules::RcFile> rule_files(const site::Account& user, std::string& maildir) const;
  mailbox::Message message_for(const site::Account& invoker) const;

  const std::string& name_;
  ProcmailOptions options_;
  site::Accounts accounts_{site::Config()};   // the system's
  std::string bytes_;
  site::Account invoker_;
};

int Procmail::run() {
  if (options_.filter_mode && options_.rc_files.empty()) {
    say("Missing rcfile");
    return to_status(ExitCode::NoInput);
  }
  auto bytes = read_message(STDIN_FILENO, 0);
  if (!bytes) {
    say(bytes.error().text);
    return to_status(ExitCode::TempFail);
  }
  bytes_ = std::move(*bytes);
  const char* login = std::getenv("LOGNAME");
  auto invoker = accounts_.find_own(login != nullptr ? login : "");
  if (!invoker) {
    say(invoker.error().text);
    return to_status(ExitCode::TempFail);
  }
  invoker_ = invoker->value_or(site::Account{.name = "#" + std::to_string(getuid()), .uid = getuid(), .gid = getgid(),
                                             .home = "/", .shell = "/bin/sh"});
  if (options_.deliver_mode) return deliver_to_all();
  return deliver(invoker_);
}

// One process a recipient, one after the other, so that none keeps what another left; the last one in this.
int Procmail::deliver_to_all() {
  if (options_.recipients.empty()) {
    say("Missing recipient");
    return deliver(invoker_);
  }
  int result = 0;
  for (std::size_t i = 0; i < options_.recipients.size(); ++i) {
    const std::string& recipient = options_.recipients[i];
    const auto user = find_recipient(recipient);
    if (!user) {
      say(user.error().text);
      result = to_status(ExitCode::TempFail);
      continue;
    }
    const bool last = i + 1 == options_.recipients.size();
    if (!*user) {
      say("Unknown user \"" + recipient + "\"");
      result = last ? to_status(ExitCode::NoUser) : failure_status();
      continue;
    }
    const pid_t child = last ? 0 : fork();
    if (child > 0) {
      int status = 0;
      while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
      }
      const int code = WIFEXITED(status) ? WEXITSTATUS(status) : to_status(ExitCode::TempFail);
      // What may pass by itself stays in the queue for all of them (procmail bounces it).
      if (code != 0) result = code == to_status(ExitCode::TempFail) ? code : failure_status();
      continue;
    }
    if (child < 0) return to_status(ExitCode::TempFail);
    const int code = deliver_as(**user);
    if (!last) _exit(code);
    if (code != 0) result = code;
  }
  return result;
}

// The whole name, or what stands before the '@' in lower case (PROCMAIL.md 2.7).
mailbox::Result<std::optional<site::Account>> Procmail::find_recipient(const std::string& recipient) const {
  auto user = accounts_.find(recipient);
  if (!user || *user) return user;
  std::string local = recipient.substr(0, recipient.find('@'));
  std::transform(local.begin(), local.end(), local.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return accounts_.find(local);
}

// What only root can do for a mailbox in /var/mail comes first; then root is given up.
int Procmail::deliver_as(const site::Account& user) {
  const auto spool = mailbox::prepare_spool(kSpool + user.name, user.name, *user.uid, *user.gid);
  if (!spool) {
    say(spool.error().text);
    return to_status(ExitCode::TempFail);
  }
  for (const std::string& note : spool->notes) say(note);
  if (spool->forwards) {
    say("Autoforwarding mailbox found");
    return to_status(ExitCode::NoUser);
  }
  return become(user) ? deliver(user) : to_status(ExitCode::NoPermission);
}

// Root becomes the recipient before anything of his is looked at; anybody else must be him already (CONTRACT.md 5.9).
bool Procmail::become(const site::Account& user) const {
  const bool done = getuid() == user.uid || (getuid() == 0 && site::become(user, site::AccountSource::System));
  if (!done) say("Insufficient privileges");
  return done;
}

mailbox::Message Procmail::message_for(const site::Account& invoker) const {
  if (!options_.sender && !options_.deliver_mode) return mailbox::Message(bytes_);
  FromLine wanted{options_.sender, invoker.name, std::time(nullptr)};
  if (options_.override_from_line && !wanted.given && !bytes_.starts_with("From ")) wanted.given = invoker.name;
  return mailbox::Message(with_from_line(bytes_, wanted));
}

// Where the rules are, and where MAILDIR starts (PROCMAIL.md 2.5, 2.6).
std::vector<rules::RcFile> Procmail::rule_files(const site::Account& user, std::string& maildir) const {
  std::vector<rules::RcFile> files;
  bool warned = false;
  for (const std::string& name : options_.rc_files) {
    const bool here = name.starts_with("./") || (options_.filter_mode && !name.starts_with('/'));
    const std::string path = here || name.starts_with('/') ? name : user.home + '/' + name;
    RcReading reading = read_rc_file(path, {.owner = *user.uid, .group = *user.gid, .checked = !here});
    if (here && files.empty()) maildir = ".";
    // Only the first missing file is worth a word.
    if (!reading.file.program && std::exchange(warned, true)) reading.file.notes.clear();
    files.push_back(std::move(reading.file));
    if (options_.filter_mode) break;
  }
  if (options_.rc_files.empty()) {
    const std::string path = user.home + "/.procmailrc";
    RcReading reading = read_rc_file(path, {.owner = *user.uid, .group = *user.gid, .is_default = true});
    // Nobody named it: procmail says only if it is suspicious.
    if (reading.file.notes.size() == 1) reading.file.notes.clear();
    files.push_back(std::move(reading.file));
  }
  return files;
}

int Procmail::deliver(const site::Account& user) {
  DeliveryPlan plan;
  plan.recipient = {user.name, user.home, user.shell, kSpool + user.name, host_name()};
  plan.environment = kept_environment(options_.keep_environment);
  plan.assignments = options_.assignments;
  plan.arguments = options_.arguments;
  plan.fall_back = !options_.filter_mode;
  plan.failure_status = failure_status();
  plan.argument_zero = name_;
  plan.wants_biff = options_.rc_files.empty();
  plan.user_rules = rule_files(user, plan.recipient.start);
  if (options_.filter_mode && options_.rc_files[0].starts_with(kSpecialRules))
    say("Denying special privileges for \"" + options_.rc_files[0] + "\"");
  if (options_.rc_files.empty() && !options_.keep_environment) {
    // The rules of all; trusted as root's, but never run with root's rights: the recipient is who we are by now.
    RcReading global = read_rc_file(kGlobalRules, {.owner = 0});
    if (global.file.program) {
      plan.site_rules = std::move(global.file);
    } else if (access(kGlobalRules, F_OK) == 0) {
      for (const std::string& note : global.file.notes) say(note);
    }
  }
  const mailbox::UniqueFd output(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  Log log = Log::to_descriptor(STDERR_FILENO);
  AgentHost host({.log = &log, .output = output.get(), .own_binary = kThisBinary});
  return run_plan(plan, message_for(invoker_), host).exit_code;
}

}  // namespace

int procmail_command(const std::string& name, std::span<const std::string> words) {
  ProcmailOptions options = read_options(words);
  if (options.version) {
    std::fputs("procmail v3.23pre (Sluice " SLUICE_VERSION ")\n", stderr);
    return 0;
  }
  for (const std::string& complaint : options.complaints) say(complaint);
  if (options.help || !options.complaints.empty()) std::fputs(kUsage, stderr);
  if (options.help) return std::fputs(kOptions, stderr), to_status(ExitCode::Usage);
  if (options.lmtp) {
    say("LMTP support not enabled in this binary");
    return to_status(ExitCode::Usage);
  }
  if (options.unknown) std::fputs("Processing continued\n", stderr);
  install_signal_handlers();
  return Procmail(name, std::move(options)).run();
}

}  // namespace filter
