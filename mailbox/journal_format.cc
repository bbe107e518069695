// The parts of a journal file of move_journal.h: head, records, list of pieces; written and read back with suspicion.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/journal_format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <utility>

namespace mailbox::journal {
namespace {

using File = MoveStorage::File;

void append_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> take_number(std::string_view& from) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return {};
}

bool is_sane(const Head& head) {
  return head.magic == kMagic && head.hash == checksum(head) && head.slot_size <= kLargestSlot &&
         head.list_size <= kLargestList && head.note_size <= kLargestList;
}

std::optional<Record> record_of(const Head& head, std::string_view start, std::uint64_t slot) {
  Record record;
  const auto at = (slot + 1) * kRecordAt;
  if (start.size() < at + sizeof record) return {};
  std::memcpy(&record, start.data() + at, sizeof record);
  const bool ours = record.hash == checksum(record) && record.id == head.id && record.sequence % 2 == slot &&
                    record.kind >= Kind::Moved && record.kind <= Kind::Done && record.length <= head.slot_size;
  return ours ? std::optional(record) : std::nullopt;
}

// Whether a Redo record's data is all there.
Result<bool> data_is_whole(MoveStorage& storage, const Head& head, const Record& record) {
  if (record.kind != Kind::Redo) return true;
  auto data = read_whole(storage, File::Journal, slot_at(head, record.sequence), record.length);
  if (!data) return std::unexpected(std::move(data).error());
  return data->size() == record.length && hash_of(*data) == record.data_hash;
}

}  // namespace

std::uint64_t hash_of(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string list_of(const std::vector<Extent>& kept) {
  std::string list;
  std::uint64_t at = 0;
  for (const auto& extent : kept) {
    append_number(list, extent.begin - at);
    append_number(list, extent.end - extent.begin);
    at = extent.end;
  }
  return list;
}

std::optional<std::vector<Extent>> parse_list(std::string_view list, std::uint64_t end) {
  std::vector<Extent> kept;
  std::uint64_t at = 0;
  while (!list.empty()) {
    const auto skipped = take_number(list);
    const auto size = take_number(list);
    if (!skipped || !size || *size == 0 || *skipped > end - at || *size > end - at - *skipped) return {};
    kept.push_back({at + *skipped, at + *skipped + *size});
    at = kept.back().end;
  }
  return kept;
}

std::unexpected<Error> unfit(const std::string& why) {
  return failure(ErrorKind::Permanent, "the journal of a removal does not fit the mailbox: " + why);
}

Result<std::string> read_whole(MoveStorage& storage, File file, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size, '\0');
  auto got = storage.read(file, offset, bytes);
  if (!got) return std::unexpected(std::move(got).error());
  bytes.resize(*got);
  return bytes;
}

Result<std::optional<State>> read_state(MoveStorage& storage) {
  auto start = read_whole(storage, File::Journal, 0, kListAt);
  if (!start) return std::unexpected(std::move(start).error());
  Head head;
  if (start->size() < sizeof head) return std::nullopt;
  std::memcpy(&head, start->data(), sizeof head);
  if (bytes_of(head).find_first_not_of('\0') == std::string_view::npos) return std::nullopt;
  if (!is_sane(head)) return unfit("it is damaged");
  auto latest = record_of(head, *start, 0);
  auto other = record_of(head, *start, 1);
  if (!latest || (other && other->sequence > latest->sequence)) std::swap(latest, other);
  for (const auto& record : {latest, other}) {
    if (!record) continue;
    auto whole = data_is_whole(storage, head, *record);
    if (!whole) return std::unexpected(std::move(whole).error());
    if (*whole) return State{head, *record};
  }
  return std::nullopt;
}

Result<std::optional<Lists>> read_lists(MoveStorage& storage, const State& state) {
  const Head& head = state.head;
  auto both = read_whole(storage, File::Journal, kListAt, head.list_size + head.note_size);
  if (!both) return std::unexpected(std::move(both).error());
  if (both->size() == head.list_size + head.note_size && hash_of(*both) == head.list_hash) {
    return Lists{both->substr(0, head.list_size), both->substr(head.list_size)};
  }
  if (state.record.sequence == 1 || state.record.kind == Kind::Done) return std::nullopt;
  return unfit("it is damaged");
}

}  // namespace mailbox::journal
