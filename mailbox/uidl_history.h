// Which unique ids a mailbox has given, so that none is ever given again and identical messages keep theirs.
// SPDX-License-Identifier: Apache-2.0
//
//   auto history = UidlHistory::open(state);            // state.dir/USER/uidl; a missing one is empty
//   auto ordinals = history->assign(bases);             // of the messages in the drop, in order; uidl_text(base,
//   ordinal) history->save();                                    // durable before a client hears of them …
//   history->remove(base, ordinal);                     // after the mailbox was changed; then save() again
//
// Of identical messages (same base) the first in the mailbox has the first ordinal that lives, and so on; more of them
// get new ordinals, counted from the highest ever given. Where fewer are left than were known, somebody else removed
// some: identical as they are, nobody can tell which, and the last ones count as gone. So after a crash the history
// comes right by itself when what was removed had no identical message behind it. Where it had, the removal's journal
// carries note() and the next open() takes that in.
// One window stays: a message that is removed, a crash before save(), and then, before the next login, a message with
// every byte the same, From_ line and its second included, is delivered again: it has the old id.
//
// To know what to do with a few messages among many, only their ids are read: open_for(). It says the same about them.
//
// The file is a log of records of 24 bytes, each with a checksum; damaged ones are left out. It is rewritten when it
// has grown to twice what it needs. Callers hold the session lock: there is one writer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/base_map.h"
#include "mailbox/move_journal.h"
#include "mailbox/result.h"
#include "mailbox/uidl.h"

namespace mailbox {

inline constexpr std::size_t kMostRemembered = 1u << 22;  // ids; over that, those of messages long gone are dropped

struct GivenUidl {
  UidlBase base;
  std::uint32_t ordinal = 1;
};

// Some ids, to be found among many.
class BaseSet {
 public:
  explicit BaseSet(std::vector<UidlBase> bases);
  bool contains(const UidlBase& base) const {
    return maybe_[base.low % maybe_.size()] && std::ranges::binary_search(bases_, base);
  }

 private:
  std::vector<UidlBase> bases_;  // sorted
  std::vector<bool> maybe_;
};

// The inode of the history's file; 0: there is none.
std::uint64_t history_inode(const std::string& state_dir);

class UidlHistory {
 public:
  // Temporary: the file cannot be read, or is not a plain file of our own. `last`: the latest finished removal.
  static Result<UidlHistory> open(const std::string& state_dir, const std::optional<FinishedMove>& last);
  // One that is asked about these ids only.
  static Result<UidlHistory> open_for(const std::string& state_dir, const std::optional<FinishedMove>& last,
                                      const BaseSet& bases);

  // `messages`: all of the drop's, or all of those that are `among` some.
  std::vector<std::uint32_t> assign(std::span<const UidlBase> messages, const BaseSet* among = nullptr);
  void remove(const UidlBase& base, std::uint32_t ordinal);
  // What a removal's journal has to carry: empty unless one of `removed` has an identical message behind it that stays.
  std::string note(std::span<const GivenUidl> removed) const;
  // Writes what is new since open() or the last save(); nothing new: writes nothing. An error: it is kept, and tried
  // again by the next save(); a session can go on (a full disk must not keep anybody from their mail).
  Result<void> save();

 private:
  enum class Kind : unsigned char { Given = 'G', Removed = 'R', Spent = 'S', Applied = 'A' };
  struct Ids {
    std::uint32_t last = 0;  // the highest ordinal ever given
    std::uint32_t seen = 0;  // scratch of assign()
    std::u32string live;     // ordinals in order of their messages, which is rising; three need no memory of their own
  };

  explicit UidlHistory(std::string state_dir) : state_dir_(std::move(state_dir)) {}
  static Result<UidlHistory> open(const std::string& state_dir, const std::optional<FinishedMove>& last,
                                  const BaseSet* only);
  void load(std::string_view bytes, const BaseSet* only);
  void take_in(Kind kind, const UidlBase& base, std::uint32_t ordinal);
  void take_in(const FinishedMove& move);
  void add(Kind kind, const UidlBase& base, std::uint32_t ordinal);
  static void append_record(std::string& out, Kind kind, const UidlBase& base, std::uint32_t ordinal);
  std::string whole() const;
  Result<void> rewrite();
  Result<void> append();

  std::string state_dir_;
  BaseMap<Ids> ids_;
  MoveId applied_{};           // the removal whose note was taken in last
  std::string unsaved_;        // records
  std::uint64_t size_ = 0;     // of the file, whole records
  bool must_rewrite_ = false;  // none yet, or not ours
  bool is_partial_ = false;    // of open_for()
};

}  // namespace mailbox
