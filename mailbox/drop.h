// The two kinds of inbox behind a Maildrop: an mbox file and a Maildir, frozen.
// SPDX-License-Identifier: Apache-2.0
//
// maildrop.h holds the session lock, gives unique ids and remembers them; a Drop knows its messages only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/mbox_format.h"
#include "mailbox/mbox_index.h"
#include "mailbox/result.h"

namespace mailbox {

class Drop {
 public:
  using Sink = std::function<bool(std::string_view)>;
  using Message = IndexedMessage;
  using Gone = std::function<std::uint64_t()>;

  virtual ~Drop() = default;
  virtual const IndexedMessages& messages() const = 0;
  // Of which history (uidl_history.h: its inode) the messages' ordinals are; of another one they mean nothing. 0: none.
  virtual std::uint64_t history() const = 0;
  // Every message's ordinal from now on. For the next session they are written down where that can be.
  virtual void remember(std::span<const std::uint32_t> ordinals, std::uint64_t history) = 0;
  virtual Result<void> fetch(std::size_t index, const Sink& sink) = 0;
  virtual MessageText::Home home() const = 0;
  // The file that a message lies in, open for reading only: an mbox, or the message's own file of a Maildir.
  virtual Result<UniqueFd> open_file_of(std::size_t index) = 0;
  virtual std::string file_name(std::size_t) const { return {}; }  // a Maildir's unique name
  // `deleted` has a place for each message, and one of them is true. `note`: last_cut_out() has it once this is done,
  // where the drop can do that. `gone` is called when they are gone for good: it brings the history up to date and
  // answers like history().
  virtual Result<void> remove(const std::vector<bool>& deleted, const std::string& note, const Gone& gone) = 0;
};

// NotFound, with code ENOENT, where there is no inbox. mbox: finishes a pending removal, under the mailbox lock.
Result<std::unique_ptr<Drop>> open_mbox_drop(const std::string& path, const std::string& state);
Result<std::unique_ptr<Drop>> open_maildir_drop(const std::string& path);

}  // namespace mailbox
