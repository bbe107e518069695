// Whose mailbox: accounts of the system (NSS) or of a passwd-file, found by name or by recipient.
// SPDX-License-Identifier: Apache-2.0
//
//   site::Accounts accounts(config);
//   auto found = accounts.find_recipient("anna+lists@example.org");
//   if (!found) return defer(found.error());     // a failing lookup is never "unknown user"
//   if (!*found) return no_such_user();
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mailbox/result.h"
#include "mailbox/site/config.h"

namespace mailbox::site {

struct Account {
  std::string name;          // as the source spells it
  std::optional<uid_t> uid;  // nothing: an empty field of the file, i.e. the daemon's own
  std::optional<gid_t> gid;
  std::string home;                          // absolute
  std::string shell;                         // never empty
  std::string extension;                     // what stood behind the delimiter: the rules' $1
  std::optional<std::uint64_t> quota_inbox;  // overrides from the extra field
  std::optional<std::uint64_t> quota_folders;
  std::string secret;  // "{SCHEME}hash" as the file has it; empty for system accounts; see secret.h
};

// Asks the system or reads the file anew with every call, so that a change counts at once; blocks for as long as that
// takes. A line of the file that cannot be used is a Temporary error when its account is asked for, naming file:line.
class Accounts {
 public:
  explicit Accounts(const Config& config) : config_(config) {}

  // The account of exactly that name: for --user and POP3 logins. The inner optional is empty when there is none;
  // names with '/', a leading '.', or control bytes do not exist (CONTRACT.md 3). An error: the lookup failed.
  Result<std::optional<Account>> find(std::string_view name) const;
  // Whole, then by local part, then by what stands before the delimiter (with the domain, then without), lower-cased.
  // Each character of accounts.delimiter is a delimiter; the first in the local part counts.
  Result<std::optional<Account>> find_recipient(std::string_view recipient) const;
  // The account that this process runs as: of the system, by real uid, `login` (say $LOGNAME) preferred where several
  // have it; of a file, where a uid names nobody, the one called `login`.
  Result<std::optional<Account>> find_own(std::string_view login) const;
  // Whether some other account has the same uid (CONTRACT.md 3, rules.programs = own-uid); an empty uid of the file is
  // this process's. System accounts are enumerated, so one that NSS does not list is seen only if the uid names it.
  Result<bool> shares_uid(const Account& account) const;

 private:
  Config config_;
};

// Becomes the account, for good: gid, groups (initgroups for system accounts, the gid alone for the file's) and uid,
// and checks that there is no way back. Root: uid 0, no uid and no gid are Permanent. Not root: nothing changes, and
// the uid must be empty or one's own, else Permanent. After an error a root process may have given up a part of its
// rights: it must end. Nothing of the account may have been opened before.
Result<void> become(const Account& account, AccountSource source);

}  // namespace mailbox::site
