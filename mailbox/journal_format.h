// The parts of a journal file of move_journal.h: head, records, list of pieces; written and read back with suspicion.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mailbox/move_journal.h"

namespace mailbox::journal {

inline constexpr std::uint64_t kRecordAt = 4096;  // record n stands at (1 + n % 2) * 4096, the head at 0
inline constexpr std::uint64_t kListAt = 12288;
inline constexpr std::uint64_t kBlock = 4096;
inline constexpr std::array<char, 16> kMagic{'s', 'l', 'u', 'i', 'c', 'e',  '-', 'm',
                                             'o', 'v', 'e', '-', '1', '\n', 0,   0};

struct Head {
  std::array<char, 16> magic = kMagic;
  MoveId id{};
  std::uint64_t inode = 0;
  std::uint64_t end = 0;        // the mailbox's size
  std::uint64_t list_size = 0;  // bytes
  std::uint64_t note_size = 0;
  std::uint64_t list_hash = 0;  // of list and note
  std::uint64_t slot_size = 0;
  std::uint64_t hash = 0;  // of all of the above
};

enum class Kind : std::uint64_t { Moved = 1, Redo, Truncate, Done };

struct Record {
  MoveId id{};
  std::uint64_t sequence = 0;
  Kind kind = Kind::Moved;
  std::uint64_t position = 0;  // of the stream: Moved: all before it is in place; Redo: where the slot's data goes
  std::uint64_t length = 0;    // of the slot's data
  std::uint64_t data_hash = 0;
  std::uint64_t end = 0;        // the mailbox's size, foreign mail included
  std::uint64_t tail_hash = 0;  // of the bytes before `end` that nothing overwrites
  std::uint64_t hash = 0;
};

std::uint64_t hash_of(std::string_view bytes);

template <class T>
std::string_view bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 512);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
std::uint64_t checksum(const T& value) {
  return hash_of(bytes_of(value).substr(0, sizeof value - sizeof value.hash));
}

inline std::uint64_t rounded_up(std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }
inline std::uint64_t slots_at(const Head& head) { return rounded_up(kListAt + head.list_size + head.note_size); }
inline std::uint64_t slot_at(const Head& head, std::uint64_t sequence) {
  return slots_at(head) + sequence % 2 * head.slot_size;
}

// Pieces as numbers: bytes left out, bytes kept, and so on. Nothing: not a list of pieces within `end`.
std::string list_of(const std::vector<Extent>& kept);
std::optional<std::vector<Extent>> parse_list(std::string_view list, std::uint64_t end);

// Permanent: to be set aside.
std::unexpected<Error> unfit(const std::string& why);

Result<std::string> read_whole(MoveStorage& storage, MoveStorage::File file, std::uint64_t offset, std::uint64_t size);

// What a journal file says that is whole. Nothing where no move was begun for good.
struct State {
  Head head;
  Record record;  // the latest
};
Result<std::optional<State>> read_state(MoveStorage& storage);

struct Lists {
  std::string list, note;
};
// Nothing: they never were synced, so the move was not begun.
Result<std::optional<Lists>> read_lists(MoveStorage& storage, const State& state);

}  // namespace mailbox::journal
