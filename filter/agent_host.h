// The delivery agent's answers to the rules: folders, programs, locks, logs and rule files of the real world.
// SPDX-License-Identifier: Apache-2.0
//
//   Log log = Log::for_delivery(config.log_target);
//   AgentHost host({.log = &log, .inbox = "/var/mail/anna", .state = "/var/lib/sluice/anna", .quota = &quota});
//   auto verdict = rules::run(program, message, environment, host);
//   if (!delivered && host.refusal()) …     // 552 5.2.2: refusal()->text names limit and size
//
// Relative names are resolved from the Place's directory, or from AgentSetup::directory where it has none; the
// process's own directory and umask play no part, but for AT_FDCWD. Whatever resolves to the inbox's path or inode *is*
// the inbox: it takes its dotlock (unless the rules hold it already), replays its journal, and stays reachable under
// confinement.
//
// Confinement (CONTRACT.md 3, rules.programs): no program is started, and every name is resolved beneath the home.
//
// Notes are procmail's own words (PROCMAIL.md 25.4). Lock files are let go when the host goes, last taken first.
// Threads: none; one host serves one run. Calls block as rules/host.h says; a signal to stop (stop_signal.h) ends waits
// for locks and programs.
#pragma once

#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filter/charset.h"
#include "filter/child.h"
#include "filter/compat/builtin.h"
#include "filter/confinement.h"
#include "filter/log.h"
#include "mailbox/folder.h"
#include "mailbox/lock.h"
#include "mailbox/quota.h"
#include "rules/host.h"

namespace filter {

inline constexpr std::size_t kRuleFileLimit = 16u << 20;  // bytes of a rule file

inline constexpr char kThisBinary[] = "/proc/self/exe";     // AgentSetup::own_binary of the thin binary

// What an agent is made of. Pointers and descriptors are borrowed and outlive the host.
struct AgentSetup {
  Log* log = nullptr;               // never null
  int directory = -100;             // where the run starts; AT_FDCWD: the process's own
  std::string inbox;                // absolute path; with a trailing '/' a Maildir; empty: no folder is special
  std::string state;                // state.dir/USER, for the inbox's journal; empty: none
  mailbox::Quota* quota = nullptr;  // null: none
  int output = -1;                  // the original standard output, for the action `|` alone; -1: that fails
  std::string home;                 // absolute path of the home; needed with `confined_to` only
  int confined_to = -1;             // O_PATH descriptor of the home: confined to it; -1: not confined
  mailbox::LockPolicy locks;        // until the first lock() says how long this run's rules wait
  bool explain = false;             // adds the system's reason to a failure's notes: deliver, not procmail
  std::string own_binary{};         // holds our formail, lockfile and mailstat, which rules may call; empty: none does
  // DROPPRIVS=yes: becomes the account for good. False stops the run with 75. Empty: there is nothing to drop.
  std::function<bool()> drop_privileges{};
};

class AgentHost : public rules::Host {
 public:
  explicit AgentHost(AgentSetup setup);
  ~AgentHost() override;

  rules::Result<std::shared_ptr<const rules::Directory>> enter(const rules::Place& place,
                                                               const std::string& path) override;
  rules::Result<std::string> load(const rules::Place& place, const std::string& path) override;
  bool means_directory(const rules::Place& place, const std::string& path) override;
  rules::FolderOutcome deliver(const rules::Place& place, const rules::FolderDelivery& delivery) override;
  rules::ProgramOutcome run(const rules::Place& place, const rules::ProgramCall& call) override;
  bool write_output(const mailbox::Outgoing& content) override;
  rules::LockOutcome lock(const rules::Place& place, const rules::LockRequest& request) override;
  void unlock(const rules::Place& place, const std::string& name) override;
  bool open_log(const rules::Place& place, const std::string& path) override;
  void log(std::string_view text) override;
  std::shared_ptr<const void> keep_log() override;
  void restore_log(const std::shared_ptr<const void>& log) override;
  void notify(const rules::Place& place, const std::string& service, const std::string& text) override;
  void report_delivered() override;
  void drop_privileges() override;
  std::time_t now() override;
  std::string local_time(std::time_t when) override;
  int process_id() override;
  std::optional<int> stop_requested() override;
  std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) override {
    return filter::to_utf8(charset, bytes);
  }
  bool observes_all() const override { return false; }

  // From here on the rules are confined to that home, or (-1) free: site rules run free, users' perhaps not.
  void confine(int home, const std::string& path);

  // The first delivery that failed because of a quota: what the sender is told when nothing took the message.
  const std::optional<mailbox::Error>& refusal() const { return refusal_; }
  // The first that failed by what may pass: where there is one, trying again may help, quota or not.
  const std::optional<mailbox::Error>& temporary_failure() const { return temporary_; }
  // The last reason why a folder did not take the message; empty if all did.
  const std::string& last_error() const { return last_error_; }
  // Whether report_delivered() has told the mail server already: what goes wrong now is lost on it.
  bool reported_delivered() const { return reported_; }

 private:
  struct Held {
    std::string path;  // absolute
    std::string name;  // as the rules said it
    mailbox::DotLock lock;
  };
  // A name as a call can take it, and what keeps it valid.
  struct Reached {
    mailbox::UniqueFd keep;
    int directory = -100;
    std::string name;
    std::size_t which = 0;  // of the delivery's folders
  };

  int directory_of(const rules::Place& place) const;
  mailbox::Result<Reached> reach(int directory, const std::string& path) const;
  bool is_inbox(int directory, const std::string& path) const;
  bool is_inbox_lock(int directory, const std::string& path) const;
  bool holds(const std::string& path) const;
  std::vector<Reached> reach_links(int directory, const rules::FolderDelivery& delivery, mailbox::StoreRequest& request,
                                   std::vector<std::string>& notes) const;
  mailbox::StoreRequest request_for(const rules::FolderDelivery& delivery) const;
  void use_inbox(Reached& reached, mailbox::StoreRequest& request) const;
  static void restore_names(rules::FolderOutcome& outcome, const Reached& first, const std::vector<Reached>& links,
                            const std::vector<std::string>& given);
  void note_failure(const Reached& reached, const rules::FolderDelivery& delivery, const mailbox::Error& error,
                    rules::FolderOutcome& outcome);
  static void note_closed_directory(const std::string& folder, rules::FolderOutcome& outcome);
  void remember(const mailbox::Error& error);

  AgentSetup setup_;
  std::optional<Confinement> confinement_;
  Children children_;
  compat::OwnBinary own_binary_;
  std::vector<Held> held_;
  std::optional<mailbox::Error> refusal_;
  std::optional<mailbox::Error> temporary_;
  std::string last_error_;
  bool reported_ = false;
  bool still_privileged_ = false;
};

}  // namespace filter
