// The two kinds of inbox behind a Maildrop: an mbox file and a Maildir, frozen.
// SPDX-License-Identifier: Apache-2.0
//
// maildrop.h holds the session lock, gives unique ids and remembers them; a Drop knows its messages only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/result.h"
#include "mailbox/uidl.h"

namespace mailbox {

class Drop {
 public:
  using Sink = std::function<bool(std::string_view)>;
  struct Message {
    std::uint64_t octets = 0;
    UidlBase base;
  };

  virtual ~Drop() = default;
  virtual std::vector<Message> messages() const = 0;
  virtual Result<void> fetch(std::size_t index, const Sink& sink) = 0;
  // `deleted` has a place for each message, and one of them is true. `note`: last_cut_out() has it once this is done,
  // where the drop can do that.
  virtual Result<void> remove(const std::vector<bool>& deleted, const std::string& note) = 0;
};

// NotFound, with code ENOENT, where there is no inbox. mbox: finishes a pending removal, under the mailbox lock.
Result<std::unique_ptr<Drop>> open_mbox_drop(const std::string& path, const std::string& state);
Result<std::unique_ptr<Drop>> open_maildir_drop(const std::string& path);

}  // namespace mailbox
