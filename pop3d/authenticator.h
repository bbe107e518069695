// The authenticator: alone sees secrets, and alone orders workers, for accounts that it has verified.
// SPDX-License-Identifier: Apache-2.0
//
// It takes Login and Resume from the front, has checkers try passwords, and passes the errand on to the starter with an
// Order. A login's token lets the front have another worker for that account, once for a QUIT, until the session ends.
#pragma once

#include <sys/stat.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/site/config.h"
#include "pop3d/event_loop.h"
#include "pop3d/letter.h"
#include "pop3d/penalties.h"
#include "pop3d/scram.h"

namespace pop3d {

// Runs in a process of its own until a front or the starter is gone: the exit status. `fronts` bring logins;
// `starter` brings configurations and takes orders.
int run_authenticator(mailbox::UniqueFd starter, std::vector<mailbox::UniqueFd> fronts);

class Authenticator final : public EventLoop::Watcher {
 public:
  Authenticator(mailbox::UniqueFd starter, std::vector<mailbox::UniqueFd> fronts);
  int run();

  void ready(unsigned tag, std::uint32_t events) override;
  void expired() override {}

 private:
  struct Attempt {
    std::string user, password, address, network;
    mailbox::UniqueFd errand{};
    std::unique_ptr<ScramServer> scram{};  // none: a password
  };
  struct Account {  // as an Order names it
    std::string name, uid, gid, home, peer;
  };
  class Checker;
  class Door;
  class Dialogue;

  void hear_front(Letter letter);
  void hear_starter(Letter letter);
  void log_in(Letter letter);
  void resume(Letter letter);
  void assign();
  std::unique_ptr<Checker> start_checker();
  void verified(Attempt attempt, const Letter& verdict);
  void refuse(const Attempt& attempt, std::vector<std::string> fields);
  void judge(Attempt attempt, const Letter& verdict);
  void wrong(const Attempt& attempt);
  void begin_dialogue(Attempt attempt, const Letter& verdict);
  void look_at_accounts();
  void order(const std::string& deed, const Account& account, std::vector<mailbox::UniqueFd> fds);
  std::uint64_t fingerprint(const Attempt& attempt) const;
  std::string salt_of(const std::string& user) const;
  std::string keyed(std::string_view text) const;

  mailbox::UniqueFd starter_;
  std::uint32_t starter_watched_ = 0;
  EventLoop loop_;
  std::vector<std::unique_ptr<Door>> doors_;
  bool ended_ = false;
  mailbox::site::Config config_, draft_;
  bool configured_ = false;
  std::string key_;  // of fingerprints
  Penalties penalties_;
  std::deque<Attempt> waiting_;
  std::vector<std::unique_ptr<Checker>> checkers_;
  std::map<Dialogue*, std::unique_ptr<Dialogue>> dialogues_;
  struct stat accounts_{};  // the file as it was when its secrets were looked at
  bool scram_ = false;
  std::map<std::string, Account> logins_;  // by token
};

}  // namespace pop3d
