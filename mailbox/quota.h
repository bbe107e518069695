// How much an account may keep: asked under a lock of the account's own before an append (CONTRACT.md 6, DESIGN.md 7).
// SPDX-License-Identifier: Apache-2.0
//
//   Quota quota({.inbox = "/var/mail/anna", .folders = "/home/anna/Mail", .inbox_limit = 40 << 20, …});
//   auto room = quota.reserve("/home/anna/Mail/lists", fd, size_after);   // held until `room` goes
//   if (!room) return std::unexpected(room.error());     // OverQuota: "the inbox would be 40 MB (41943041 bytes), the
//   …"
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mailbox/result.h"

namespace mailbox {

class Quota {
 public:
  struct Options {
    std::string inbox = {};         // path of the inbox: whatever resolves to it or its inode is the inbox
    std::string folders = {};       // root of all other folders; may not exist yet
    std::uint64_t inbox_limit = 0;  // bytes; 0: none
    std::uint64_t folders_limit = 0;
    std::string state = {};  // state.dir/USER: the lock file and the list of destinations outside `folders`;
                             // empty or unusable: counted without a lock, and only what is under `folders`
  };
  struct Usage {
    std::uint64_t inbox = 0;
    std::uint64_t folders = 0;
  };
  // Holds the account's quota lock while it lives.
  class Room {
   public:
    virtual ~Room() = default;
  };

  explicit Quota(Options options);

  // Whether an existing or new folder may grow by `growth` bytes. `directory` and `path` name it as store() got it.
  // OverQuota: no; nothing was changed. Temporary: usage could not be read.
  Result<std::unique_ptr<Room>> reserve(int directory, const std::string& path, std::uint64_t growth);
  Result<Usage> usage();
  const Options& options() const { return options_; }

 private:
  Options options_;
};

}  // namespace mailbox
