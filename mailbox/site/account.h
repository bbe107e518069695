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
  std::string name;             // as the source spells it
  std::optional<uid_t> uid;     // nothing: an empty field of the file, i.e. the daemon's own
  std::optional<gid_t> gid;
  std::string home;             // absolute
  std::string shell;            // never empty
  std::string extension;        // what stood behind the delimiter: the rules' $1
  std::optional<std::uint64_t> quota_inbox;     // overrides from the extra field
  std::optional<std::uint64_t> quota_folders;
  std::string secret;           // "{SCHEME}hash" as the file has it; empty for system accounts
};

class Accounts {
 public:
  explicit Accounts(const Config& config) : config_(config) {}

  // The account of exactly that name: for --user and POP3 logins. The inner optional is empty when there is none;
  // names with '/', a leading '.', or control bytes do not exist (CONTRACT.md 3). An error: the lookup failed.
  Result<std::optional<Account>> find(std::string_view name) const;
  // Whole, then by local part, then by what stands before the delimiter, lower-cased.
  Result<std::optional<Account>> find_recipient(std::string_view recipient) const;
  // Whether some other account has the same uid (CONTRACT.md 3, rules.programs = own-uid).
  Result<bool> shares_uid(const Account& account) const;

 private:
  Config config_;
};

// Checks a passwd-file's secret: PLAIN, CRYPT, MD5-CRYPT, SHA256-CRYPT, SHA512-CRYPT, BLF-CRYPT, YESCRYPT, SSHA256,
// SSHA512, SCRAM-SHA-256; no {SCHEME} means CRYPT. False for an empty or unreadable secret, in about equal time.
bool verify_secret(std::string_view secret, std::string_view password);

// Becomes the account, for good: gid, groups (initgroups for system accounts, the gid alone for the file's) and uid,
// and checks that there is no way back. As root only; uid 0, or no uid while root, is Permanent; not root: the uid must be
// empty or one's own. Nothing of the account may have been opened before.
Result<void> become(const Account& account, AccountSource source);

}  // namespace mailbox::site
