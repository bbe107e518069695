// An inbox in a folder that only root may add names to (/var/mail): made, or its place cleared, before root becomes the
// account (PROCMAIL.md 19.3).
// SPDX-License-Identifier: Apache-2.0
//
//   auto seen = prepare_spool("/var/mail/anna", "anna", uid, gid);   // as root, right before become()
//   if (!seen) …                                                     // nobody can tell whose mail would go where: defer
//   for (const std::string& note : seen->notes) log(note);
//
// Does nothing unless we are root and the folder and all above it are root's: where the account owns a folder on the
// way it can make its inbox itself, and nothing there is safe for root to touch. A folder (Maildir) is left alone.
//
// What is no mailbox of this account's (a link, a file of another or with a second name, one that its owner may not
// write) is renamed to BOGUS.USER.INODE beside it, so that nobody reads or gets mail by having put it there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "mailbox/result.h"

namespace mailbox {

struct SpoolState {
  std::vector<std::string> notes;   // in procmail's words: Renaming bogus mailbox "x" info "y"
  bool forwards = false;            // its set-id bits say that another program takes this mail ("autoforwarding")
};

// Afterwards the name is a regular file of the account's, mode 0600 if it is new. Errors: Temporary, with nothing
// changed but what the notes of a later call would tell again.
Result<SpoolState> prepare_spool(const std::string& path, const std::string& user, uid_t uid, gid_t gid);

}  // namespace mailbox
