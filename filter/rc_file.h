// Rule files of users: read if they are there and nobody else can have written them (PROCMAIL.md 21.1).
// SPDX-License-Identifier: Apache-2.0
//
//   rules::RcFile file = read_rc_file("/home/anna/.procmailrc", {.owner = uid, .is_default = true});
//   file.program;    // nullptr: missing, unreadable or suspicious; file.notes then say what the log should
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "mailbox/result.h"
#include "rules/rules.h"

namespace filter {

struct RcTrust {
  uid_t owner = 0;            // the recipient: he and root may own it
  gid_t group = 0;            // his primary group may write to the default file and its folder, if it is his alone
  bool is_default = false;    // nobody named it: missing is no complaint, and group-writable is suspicious
  bool checked = true;        // false: named by a path that is relative to the working directory
};

struct RcReading {
  rules::RcFile file;
  // The file is there, but could not be read: whoever must not misfile mail defers it.
  std::optional<mailbox::Error> failure;
};

// Bounded to rules::kMaxRuleFile; only regular files, never waits for a FIFO. /dev/null is an empty file.
RcReading read_rc_file(const std::string& path, const RcTrust& trust);

}  // namespace filter
