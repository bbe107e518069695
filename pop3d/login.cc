// Logs in: account, password, rights, state, mailbox, in this order.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/login.h"

#include <unistd.h>

#include "mailbox/site/secret.h"
#include "mailbox/state_dir.h"

namespace pop3d {
namespace {

using mailbox::Error;
using mailbox::Maildrop;
using mailbox::Result;
using mailbox::site::Account;
using mailbox::site::Config;

constexpr std::chrono::milliseconds kSessionWait{5000};  // for another session of the mailbox (CONTRACT.md 7)

std::unexpected<LoginRefusal> refuse(Code code, std::string text, std::string reason, std::string detail,
                                     bool is_final) {
  return std::unexpected(LoginRefusal{code, std::move(text), std::move(reason), std::move(detail), is_final});
}

// After a right password: not for root, and as root only for somebody (CONTRACT.md 2).
std::unexpected<LoginRefusal> refuse_rights(const Error& error) {
  if (error.is_permanent()) return refuse(Code::SysPerm, "this account cannot be served", "rights", error.text, true);
  return refuse(Code::SysTemp, "the account cannot be served now", "rights", error.text, true);
}

std::unexpected<LoginRefusal> refuse_mailbox(const Error& error) {
  if (error.is_busy()) return refuse(Code::InUse, error.text, "in-use", error.text, true);
  return refuse(Code::SysTemp, "the mailbox cannot be opened now", "mailbox", error.text, true);
}

// What become() would say, asked before a state directory is made.
bool may_be_served(const Account& account) {
  if (::geteuid() == 0) return account.uid && *account.uid != 0 && account.gid;
  return !account.uid || *account.uid == ::geteuid();
}

}  // namespace

std::expected<Maildrop, LoginRefusal> log_in(const Config& config, const std::string& user, const std::string& password,
                                             const std::string& peer) {
  const auto found = mailbox::site::Accounts(config).find(user);
  if (!found) return refuse(Code::SysTemp, "accounts cannot be looked up now", "lookup", found.error().text, false);
  const auto& account = *found;
  // An unknown user costs the same work, and hears the same words.
  const bool verified = mailbox::site::verify_secret(account ? account->secret : "", password);
  if (!account || !verified) return refuse(Code::Auth, "wrong user or password", "credentials", "", false);

  if (!may_be_served(*account))
    return refuse(Code::SysPerm, "this account cannot be served", "rights", "its uid", true);
  const auto state = mailbox::ensure_state(config.state_dir, account->name, account->uid, account->gid);
  if (!state) return refuse_mailbox(state.error());
  if (const auto done = mailbox::site::become(*account, config.accounts_source); !done)
    return refuse_rights(done.error());

  auto drop = Maildrop::open({.inbox = mailbox::site::expand(config.mail_inbox, *account),
                              .state = *state,
                              .peer = peer,
                              .wait = kSessionWait});
  if (!drop) return refuse_mailbox(drop.error());
  return std::move(*drop);
}

}  // namespace pop3d
