// A checker: looks accounts up and tries passwords.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/checker.h"

#include "mailbox/site/account.h"
#include "mailbox/site/secret.h"
#include "pop3d/letter.h"
#include "pop3d/pam.h"

namespace pop3d {
namespace {

using mailbox::site::Account;

using mailbox::site::AccountSource;
using mailbox::site::Config;

std::string text_of(const std::optional<std::uint32_t>& id) { return id ? std::to_string(*id) : ""; }

Letter accept(const Account& account) {
  return {Letter::Kind::Verdict, {"yes", account.name, text_of(account.uid), text_of(account.gid), account.home}};
}

Letter fail(const std::string& why) { return {Letter::Kind::Verdict, {"error", why}}; }

// The keys of an account whose password is not told. Nobody's cost the same work.
Letter scram_verdict(const std::optional<Account>& account, const std::string& salt) {
  const auto keys = mailbox::site::scram_keys(account ? account->secret : "", salt);
  if (!account || !keys) return {Letter::Kind::Verdict, {"no"}};
  auto letter = accept(*account);
  for (const auto& part : {keys->salt, std::to_string(keys->iterations), keys->stored_key, keys->server_key})
    letter.fields.push_back(part);
  return letter;
}

// An unknown user costs the same work as a known one.
Letter verdict(const Config& config, const Letter& asked) {
  const auto found = mailbox::site::Accounts(config).find(asked.field(0));
  if (!found) return fail(found.error().text);
  const auto& account = *found;
  if (!asked.field(3).empty()) return scram_verdict(account, asked.field(3));
  if (config.accounts_source == AccountSource::System) {
    const auto answer = ask_pam(asked.field(0), asked.field(1), asked.field(2));
    if (answer.verdict == PamAnswer::Verdict::Error) return fail(answer.why);
    return account && answer.verdict == PamAnswer::Verdict::Yes ? accept(*account)
                                                                : Letter{Letter::Kind::Verdict, {"no"}};
  }
  const bool verified = mailbox::site::verify_secret(account ? account->secret : "", asked.field(1));
  return account && verified ? accept(*account) : Letter{Letter::Kind::Verdict, {"no"}};
}

}  // namespace

void run_checker(const mailbox::site::Config& config, const mailbox::UniqueFd& authenticator) {
  for (;;) {
    const auto asked = receive_letter(authenticator.get(), true);
    if (!asked || !*asked || (*asked)->kind != Letter::Kind::Check) return;
    if (!send_letter(authenticator.get(), verdict(config, **asked))) return;
  }
}

}  // namespace pop3d
