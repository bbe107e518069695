// Takes messages out of an mbox in place, so that its inode, owner and mode stay, and a kill never leaves it between
// before and after: the journalled move (move_journal.h) on real files.
// SPDX-License-Identifier: Apache-2.0
//
//   auto lock = MailboxLock::take(…, mbox_fd);
//   if (auto done = replay(mbox_fd, "/var/lib/sluice/anna"); !done) …        // before anybody reads or appends
//   auto done = cut_out(mbox_fd, state, {.kept = {{0, 100}, {250, 900}}, .end = 900});
//
// All of it under the mailbox lock. The journal is the file `journal` in the account's state directory; between
// removals it stays there, ended, with kReservedJournal bytes allocated.
#pragma once

#include <optional>
#include <string>

#include "mailbox/move_journal.h"
#include "mailbox/result.h"

namespace mailbox {

// Finishes a removal that was cut off, if one was; one small read where none was. `state_dir` may be empty or missing.
// `mbox_fd` is open for reading and writing (O_APPEND does no harm). A journal that does not fit the mailbox is never
// applied: it becomes `journal.unfit`, and this call fails with Temporary; the next one finds no journal.
Result<void> replay(int mbox_fd, const std::string& state_dir);

// Durable when it returns. Temporary: nothing was changed, or the next replay() finishes it.
Result<void> cut_out(int mbox_fd, const std::string& state_dir, const Move& move);

// Makes the journal file and allocates its space, as far as the disk has it: for a removal of `messages` messages and
// more. A full disk is no error.
Result<void> reserve_journal(const std::string& state_dir, std::uint64_t messages);

// The note of the last finished cut_out().
Result<std::optional<FinishedMove>> last_cut_out(const std::string& state_dir);

}  // namespace mailbox
