// Unique ids that messages had on another server, so that a mailbox which moved here makes no client download it again.
// SPDX-License-Identifier: Apache-2.0
//
//   auto ids = ForeignUidls::read(state);              // state.dir/USER/foreign-uidl; a missing file: none
//   if (const auto* id = ids->find(base, ordinal)) …   // instead of uidl_text(base, ordinal)
//   ids->add(base, ordinal, "UID17-1234567890"); ids->save(state);
//
// Each belongs to a message of ours by base and ordinal, which are never given twice, so neither is the foreign one.
// The file is text, a line for each: 32 hex digits, ordinal, id. Lines that are none are left out: those messages have
// our own ids then. Callers hold the session lock.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "mailbox/result.h"
#include "mailbox/uidl.h"

namespace mailbox {

// 1 to 70 characters 0x21 to 0x7E (RFC 1939 section 7).
bool is_uidl(std::string_view text);

class ForeignUidls {
 public:
  // Temporary: the file is there and cannot be read. Other ids must not be shown then.
  static Result<ForeignUidls> read(const std::string& state_dir);

  const std::string* find(const UidlBase& base, std::uint32_t ordinal) const;
  // Instead of what the message had. False: it is no id, or another message has it.
  bool add(const UidlBase& base, std::uint32_t ordinal, std::string_view id);
  Result<void> save(const std::string& state_dir) const;  // durable, whole or not at all

 private:
  std::map<std::pair<UidlBase, std::uint32_t>, std::string> ids_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace mailbox
