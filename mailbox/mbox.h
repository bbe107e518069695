// Appending to an mbox: locked, mended, whole or not at all, on disk when it returns.
// SPDX-License-Identifier: Apache-2.0
//
//   auto stored = append_to_mbox({.directory = AT_FDCWD, .umask = 077}, "lists/dev", request);
//
// In this order: open (made with 0667 & ~umask where missing), dotlock if asked for, kernel lock, see that the name
// still is this file, finish a removal that was cut off (journal.h), quota, mend the tail, write, fsync. The inode is
// never replaced (DESIGN.md 1). On an error the file is cut back to its former size under the lock.
//
// Mending (CONTRACT.md 5.11): where a file does not end in an empty line the missing line ends go in front of the new
// message, so whatever a killed writer left can never swallow it. Killed at any point, this writer leaves at worst such
// a piece.
// A FIFO or a device gets the same bytes without locks, sizes or truncation; a FIFO is waited for until it has a
// reader.
#pragma once

#include <string>

#include "mailbox/folder.h"
#include "mailbox/result.h"

namespace mailbox {

// `path` stands for request.path. Busy: a lock was held too long. OverQuota. Else Error::code is errno.
Result<Stored> append_to_mbox(const Place& place, const std::string& path, const StoreRequest& request);

// The mode of new files and whether arriving mail shall show by the o+x bit (PROCMAIL.md 16.2, 16.3).
mode_t new_file_mode(const Place& place);
void mark_arrival(const Place& place, int fd);

}  // namespace mailbox
