// What is known of an mbox since the last look: where each message lies, its octets on the wire, its unique id; kept in
// the state directory, so that a login costs what is new and not what is there.
// SPDX-License-Identifier: Apache-2.0
//
//   auto index = read_index(state);                        // nothing: none, or damaged, or it contradicts itself
//   if (index && index->mark == mark_of(about)) …          // the file is what it was when the index was written
//   write_index(state, *index, first, IndexTail::Cut);     // from the first record that changed on
//
// Nobody needs it: without one, and wherever it does not fit the file, the file is read. So it is never synced, and a
// failure to write it is no failure of a delivery or a session. Callers hold the mailbox lock.
//
// **The file** `index`: a head of 128 bytes, then a record of 48 bytes for each message in order. The head has a
// checksum; each record has one over its content, its place and the head's `generation`, a random number that is new
// whenever all of it is written: what an earlier generation left on the disk never counts. A head is written last.
// Whoever changes the mbox without us changes its mark (size and times), and the index is checked against the file.
//
// **Doubt.** Where another program has changed the file, the messages whose From_ lines stand where they stood are taken
// over, but their bytes are not known to be the same. `doubted` is how many of the first messages that concerns: they
// are read again before they are removed, and a piece of them at each login.
//
// The content is hostile (the account can write it): numbers are checked against each other here, against the file by the
// reader, and no message is sent or removed because of it that does not compare.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/big_pages.h"
#include "mailbox/file.h"
#include "mailbox/mbox_format.h"
#include "mailbox/result.h"

namespace mailbox {

// What stat(2) tells of a file's content: it is what it was while this stays.
struct FileMark {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0, modified_ns = 0;
  std::int64_t changed = 0, changed_ns = 0;
  friend bool operator==(const FileMark&, const FileMark&) = default;
};
FileMark mark_of(const struct stat& about);

struct IndexedMessage {
  std::uint64_t offset = 0;  // of its From_ line
  std::uint64_t size = 0;    // at rest
  std::uint64_t octets = 0;  // on the wire
  UidlBase base;
  std::uint32_t ordinal = 0;  // uidl_text(base, ordinal); 0: none was given yet
  std::uint32_t check = 0;    // of the file's record
  std::uint64_t end() const { return offset + size; }
  bool is(const MboxEntry& entry) const {
    return offset == entry.offset && size == entry.size && octets == entry.octets && base == entry.base;
  }
};

using IndexedMessages = std::vector<IndexedMessage, BigPages<IndexedMessage>>;

struct MboxIndex {
  FileMark mark;
  std::uint64_t generation = 0;  // write_index() gives one
  std::uint64_t doubted = 0;
  std::uint64_t history = 0;  // the inode of the history (uidl_history.h) that the ordinals are from
  IndexedMessages messages;
};

std::optional<MboxIndex> read_index(const std::string& state_dir);

// From message `first` on, if what is in the file is this index up to there; else whole. Keep: what deliveries have put
// behind its last message meanwhile stays, with their mark.
enum class IndexTail { Keep, Cut };
Result<void> write_index(const std::string& state_dir, MboxIndex& index, std::size_t first, IndexTail tail);

// A delivery's part: two small writes, if the index was right before it; else nothing. Failures are nobody's concern.
class IndexAppend {
 public:
  // `before`: the mbox under the lock, before the append. `state_dir` may be empty.
  IndexAppend(const std::string& state_dir, const struct stat& before);
  // What was written, directly behind what was there; the file as it is now.
  void finish(std::span<const std::string_view> pieces, const struct stat& now);

 private:
  std::string state_dir_;
  std::uint64_t size_ = 0;
  UniqueFd fd_;  // none: there is nothing to do
};

}  // namespace mailbox
