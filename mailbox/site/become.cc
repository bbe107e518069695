// Gives up root for an account, for good.
// SPDX-License-Identifier: Apache-2.0
#include <grp.h>
#include <unistd.h>

#include "mailbox/site/account.h"

namespace mailbox::site {
namespace {

std::unexpected<Error> refuse(const Account& account, std::string_view why) {
  return failure(ErrorKind::Permanent, "cannot act for " + account.name + ": " + std::string(why));
}

std::unexpected<Error> fail(const Account& account, std::string_view call) {
  return system_failure("cannot act for " + account.name + ": " + std::string(call));
}

Result<void> check_own(const Account& account) {
  if (::getuid() != ::geteuid()) return refuse(account, "started set-uid");
  if (account.uid && *account.uid != ::geteuid())
    return refuse(account, "its uid is " + std::to_string(*account.uid) + ", ours is " + std::to_string(::geteuid()) +
                               ", and only root may change");
  return {};
}

// All three ids of each kind, and no call that brings root back.
Result<void> check_no_way_back(const Account& account) {
  uid_t uids[3];
  gid_t gids[3];
  if (::getresuid(&uids[0], &uids[1], &uids[2]) != 0) return fail(account, "getresuid");
  if (::getresgid(&gids[0], &gids[1], &gids[2]) != 0) return fail(account, "getresgid");
  for (const uid_t uid : uids)
    if (uid != *account.uid) return refuse(account, "its uid was not taken");
  for (const gid_t gid : gids)
    if (gid != *account.gid) return refuse(account, "its gid was not taken");
  if (::setuid(0) == 0 || ::seteuid(0) == 0) return refuse(account, "root could be taken back");
  return {};
}

}  // namespace

Result<void> become(const Account& account, AccountSource source) {
  if (::geteuid() != 0) return check_own(account);
  if (!account.uid) return refuse(account, "it has no uid, and we are root");
  if (*account.uid == 0) return refuse(account, "its uid is 0");
  if (!account.gid) return refuse(account, "it has no gid, and we are root");
  // Groups first, then gid, then uid: each needs the rights that the next one gives up.
  if (source == AccountSource::System) {
    if (::initgroups(account.name.c_str(), *account.gid) != 0) return fail(account, "initgroups");
  } else if (::setgroups(1, &*account.gid) != 0) {
    return fail(account, "setgroups");
  }
  if (::setresgid(*account.gid, *account.gid, *account.gid) != 0) return fail(account, "setresgid");
  if (::setresuid(*account.uid, *account.uid, *account.uid) != 0) return fail(account, "setresuid");
  return check_no_way_back(account);
}

}  // namespace mailbox::site
