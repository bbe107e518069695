// The journalled move: takes pieces out of a file in place, so that a kill or power loss at any instruction can be
// finished exactly (DESIGN.md 1). Knows no system calls: files are behind MoveStorage.
// SPDX-License-Identifier: Apache-2.0
//
//   auto done = begin_move(storage, {.kept = {{0, 100}, {250, 900}}, .end = 900}, inode, random_id);
//   // killed on the way? Whoever opens the mailbox next:
//   auto finished = finish_move(storage, inode);
//
// The kept pieces, one behind another, are a *stream*; stream byte n belongs at offset n of the file, and always stands
// at n or further back. What was appended behind `end` meanwhile is foreign mail: one more piece.
//
// **The journal file**: a head, two records that are written in turn, the list of pieces with the caller's note, and
// two slots for data. Each part has a checksum; head and records fit a disk sector, so they are old or new, never torn.
//   1. Head, list and the first record are written and synced: from here on the move will be finished.
//   2. Steps. *Plain*: as many bytes as fit between where they go and where they come from are copied, the mailbox is
//      synced, a Moved record is synced. Until then the sources are whole, so the step can be done again. *Redo*, where
//      that gap is small: a chunk is saved in a slot with its Redo record and synced, then written to its place,
//      whatever it overwrites there; finishing starts by writing it again. Before each record the mailbox is synced, so
//      the latest whole record is all that is needed.
//   3. The journal's random id is written behind the last kept byte, the mailbox synced, and a Truncate record synced.
//      So a later look can tell whether the file was cut already, even if mail came since: then the id is gone.
//   4. The mailbox is cut and synced; a Done record ends it. The journal file stays, its space allocated.
// A full disk: the journal needs only kSmallestSlot twice and the list, which fit the kReservedJournal bytes that every
// used state directory keeps for some 5,000 pieces; more space is used for speed where it can be had.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/result.h"

namespace mailbox {

inline constexpr std::uint64_t kReservedJournal = 64 << 10;
inline constexpr std::uint64_t kSmallestSlot = 4 << 10;
inline constexpr std::uint64_t kLargestSlot = 8 << 20;  // memory of a move, twice that in the journal
inline constexpr std::uint64_t kPlainGap = 1 << 20;     // from here on two syncs cost less than writing twice
inline constexpr std::uint64_t kLongestPlain = 64 << 20;
inline constexpr std::uint64_t kLargestList = 64 << 20;  // bytes of pieces and note: 4 million of both
inline constexpr std::uint64_t kMark = 16;               // bytes of an id; a move must free at least as many

class MoveStorage {
 public:
  enum class File { Mailbox, Journal };
  virtual ~MoveStorage() = default;
  virtual Result<std::size_t> read(File file, std::uint64_t offset, std::span<char> into) = 0;  // less: the file ended
  virtual Result<void> write(File file, std::uint64_t offset, std::string_view bytes) = 0;
  virtual Result<void> sync(File file) = 0;  // durable when it returns, size included
  virtual Result<std::uint64_t> size(File file) = 0;
  virtual Result<void> truncate_mailbox(std::uint64_t size) = 0;
  virtual Result<void> allocate_journal(std::uint64_t size) = 0;  // at least so large, with space on disk
};

struct Extent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend bool operator==(const Extent&, const Extent&) = default;
};

using MoveId = std::array<std::uint64_t, 2>;  // random

struct Move {
  std::vector<Extent> kept;  // in order, not empty, not touching, within `end`
  std::uint64_t end = 0;     // the file's size when this was decided
  std::string note;          // the caller's, kept beside the list: read_note()
};

// One step from a stream position on; pure. `slot`: the largest Redo chunk.
struct MoveStep {
  enum class Kind { Plain, Redo };
  Kind kind = Kind::Plain;
  std::uint64_t length = 0;
};
MoveStep next_step(std::uint64_t position, std::uint64_t source, std::uint64_t total, std::uint64_t slot);

// Does the move. An error before the journal is durable changes nothing; a later one is finished by finish_move().
Result<void> begin_move(MoveStorage& storage, const Move& move, std::uint64_t inode, const MoveId& id);

// Finishes what a journal says, if it says anything. The mailbox is known again by its inode, its size and its end; a
// device's number may change with a restart. Permanent: it does not fit the mailbox, or is damaged; nothing was
// applied, and it is to be set aside. Other errors: try again.
Result<void> finish_move(MoveStorage& storage, std::uint64_t inode);

// The id and note of the move that was finished last, for the caller to act on once.
struct FinishedMove {
  MoveId id{};
  std::string note;
};
Result<std::optional<FinishedMove>> read_note(MoveStorage& storage);

}  // namespace mailbox
