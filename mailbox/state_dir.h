// An account's state directory: what Sluice remembers about a mailbox, outside of it (DESIGN.md 6).
// SPDX-License-Identifier: Apache-2.0
//
//   auto state = ensure_state("/var/lib/sluice", "anna", uid, gid);   // "/var/lib/sluice/anna", 0700, anna's
//   if (!state) …   // an agent goes on without one; a POP3 session cannot
//
// Called by root code, or by the account itself where it may write to the parent. Inside are, all 0600 and the
// account's:
//   session   locked while a POP3 session lives; who and since when
//   journal   the removal that is under way (journal.h); 64 KiB stay allocated: mail can be deleted on a full disk
//   uidl      the unique ids given so far (uidl_history.h)
//   foreign-uidl  ids that messages had on another server (foreign_uidls.h)
//   index     where each message lies, its octets and id, as of the last look (mbox_index.h); may be removed at any time
// The account can write all of it, so every reader treats what it finds as hostile: it opens without following links,
// takes only plain files, checks every number against the mailbox and limits every size.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "mailbox/result.h"

namespace mailbox {

// Whether a name can be a directory's: not empty, at most 255 bytes, no '/', no leading '.', no control bytes.
bool is_state_name(std::string_view user);

// No uid or gid: the process's own. The path of `state_dir`/`user`, made where it is missing (also the last part of
// `state_dir`: 0711 by root, else 0700). Permanent: no such name can be. Temporary: it cannot be made, or is a link, or
// another's; a directory that root finds to be of another uid (an account that was given anew) is set aside as
// ".USER.UID" and never used.
Result<std::string> ensure_state(const std::string& state_dir, const std::string& user, std::optional<uid_t> uid,
                                 std::optional<gid_t> gid);

}  // namespace mailbox
