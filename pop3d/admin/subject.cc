// Finds the account that a command is about, and becomes it.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/admin/subject.h"

#include "mailbox/site/places.h"
#include "mailbox/state_dir.h"

namespace pop3d::admin {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;

Result<Subject> take_subject(const CommandLine& line, std::size_t index, const mailbox::site::Config& config) {
  if (line.words.size() != index + 1) return failure(ErrorKind::Permanent, line.words[0] + " needs one user's name");
  const auto& name = line.words[index];
  auto found = mailbox::site::Accounts(config).find(name);
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return failure(ErrorKind::NotFound, "there is no account " + name);
  auto& account = **found;
  auto state = mailbox::ensure_state(config.state_dir, account.name, account.uid, account.gid);
  if (!state) return std::unexpected(std::move(state).error());
  if (auto done = mailbox::site::become(account, config.accounts_source); !done) return std::unexpected(done.error());
  auto inbox = mailbox::site::inbox_of(config, account);
  return Subject{std::move(account), std::move(inbox), std::move(*state)};
}

}  // namespace pop3d::admin
