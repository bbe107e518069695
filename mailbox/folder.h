// A delivery to a place in the file system: mbox, Maildir, MH or plain directory, chosen by name as procmail does.
// SPDX-License-Identifier: Apache-2.0
//
//   auto stored = store(at, {.path = "lists/dev", .content = {header, body}});
//   if (!stored) …           // nothing is left behind; OverQuota, or the reason why not
//   stored->octets;          // what was written, on disk by now
//
// Type by name (procmailrc(5), "Miscellaneous"; PROCMAIL.md 16.1): "x/" Maildir, "x/." MH, an existing directory, else
// an mbox. Stage, then commit: what fails is undone (an mbox truncated back, a temporary name removed).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "mailbox/message.h"
#include "mailbox/quota.h"
#include "mailbox/result.h"

namespace mailbox {

enum class FolderKind { Mbox, Maildir, Mh, Directory, Discard };

// Where names are resolved, as values (DESIGN.md 4): nothing here uses the process's cwd or umask.
struct Place {
  int directory = -100;  // AT_FDCWD, or a directory's descriptor
  mode_t umask = 077;
};

// When an mbox is appended to: which locks, and for how long one waits for them.
struct LockPolicy {
  bool dotlock = false;                    // the inbox always; other folders have the recipe's own lock
  std::string extension = ".lock";         // LOCKEXT: the dotlock is the folder's name and this
  std::chrono::seconds longest_pause{8};   // LOCKSLEEP
  std::chrono::seconds stale_after{1024};  // LOCKTIMEOUT
  std::chrono::seconds kernel_wait{960};   // TIMEOUT; also for a FIFO without a reader; 0: forever
  std::function<bool()> interrupted = {};  // asked before each pause; true ends the wait (Busy)
};

struct StoreRequest {
  std::string path = {};
  std::vector<std::string> links = {};  // further directories that get a hard link each
  Outgoing content = {};
  bool ignore_errors = false;           // flag i: a failed open or write counts as stored, and nothing is undone; a
                                        // lock that stays busy, and a quota, do not
  std::string message_prefix = "msg.";  // of names in a plain directory
  LockPolicy locks = {};
  std::string state = {};  // the inbox's state directory, if any: a journal there is replayed first
  Quota* quota = nullptr;  // asked under the lock, before the first byte; null: none
};

struct Stored {
  FolderKind kind = FolderKind::Mbox;
  std::uint64_t octets = 0;             // of the message as it is stored: From_ line, quoting, final LF included
  std::string name = {};                // as LASTFOLDER says it: for directories the new file's path, and its links'
  std::vector<std::string> links = {};  // the further ones of those names
  std::vector<std::string> notes = {};  // what went less than well, in procmail's words: Couldn't make link to "x"
};

// Errors leave nothing behind but folders that were made. Error::code tells ENOSPC and EDQUOT apart. "/dev/null" is
// Discard, and takes no lock. In an mbox a message that does not start with a From_ line is stored as it came: whoever
// wants one there sees to it. Links, FIFOs and devices are followed. The process ignores SIGPIPE and SIGXFSZ.
Result<Stored> store(const Place& place, const StoreRequest& request);

}  // namespace mailbox
