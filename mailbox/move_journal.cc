// The journalled move: takes pieces out of a file in place, so that a kill or power loss at any instruction can be
// finished exactly (DESIGN.md 1). Knows no system calls: files are behind MoveStorage.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/move_journal.h"

#include <algorithm>

#include "mailbox/journal_format.h"

namespace mailbox {
namespace {

using namespace journal;
using File = MoveStorage::File;

constexpr std::uint64_t kTail = 4096;  // as much of the file's end is compared before a journal is applied
constexpr std::uint64_t kCopyBuffer = 1 << 20;

class Mover {
 public:
  Mover(MoveStorage& storage, const Head& head, std::vector<Extent> kept);

  Result<void> start(std::string_view list_and_note);
  Result<void> resume(const Record& record);

 private:
  struct Source {
    std::size_t piece;
    std::uint64_t offset;  // in the file
  };
  Source source_of(std::uint64_t position) const;
  std::uint64_t total() const { return ends_.empty() ? 0 : ends_.back(); }
  void add_piece(const Extent& piece);
  Result<void> include_foreign(std::uint64_t size);
  Result<std::string> gather(std::uint64_t position, std::uint64_t length);
  Result<std::uint64_t> tail_hash();
  Result<void> fits(const Record& record);
  Result<void> write_record(Kind kind, std::string_view data = {});
  Result<void> run();
  MoveStep next() const { return next_step(position_, source_of(position_).offset, total(), head_.slot_size); }
  Result<void> step();
  Result<void> redo(std::uint64_t length);
  Result<void> put(std::string_view data);
  Result<bool> truncate();
  Result<void> settle();

  MoveStorage& storage_;
  Head head_;
  std::vector<Extent> kept_;
  std::vector<std::uint64_t> ends_;  // in the stream, of each piece
  std::uint64_t sequence_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t end_ = 0;
  bool unsynced_ = false;  // the mailbox
};

Mover::Mover(MoveStorage& storage, const Head& head, std::vector<Extent> kept)
    : storage_(storage), head_(head), end_(head.end) {
  for (const auto& piece : kept) add_piece(piece);
}

void Mover::add_piece(const Extent& piece) {
  ends_.push_back(total() + piece.end - piece.begin);
  kept_.push_back(piece);
}

Mover::Source Mover::source_of(std::uint64_t position) const {
  const auto piece = static_cast<std::size_t>(std::ranges::upper_bound(ends_, position) - ends_.begin());
  return {piece, kept_[piece].end - (ends_[piece] - position)};
}

// Stream bytes from wherever they stand.
Result<std::string> Mover::gather(std::uint64_t position, std::uint64_t length) {
  std::string bytes(length, '\0');
  std::uint64_t got = 0;
  for (auto [piece, offset] = source_of(position); got < length;
       offset = ++piece < kept_.size() ? kept_[piece].begin : 0) {
    const auto wanted = std::min(length - got, kept_[piece].end - offset);
    auto read = storage_.read(File::Mailbox, offset, std::span(bytes).subspan(got, wanted));
    if (!read) return std::unexpected(std::move(read).error());
    if (*read < wanted) return failure(ErrorKind::Temporary, "the mailbox became shorter while mail was removed");
    got += wanted;
  }
  return bytes;
}

Result<std::uint64_t> Mover::tail_hash() {
  const auto from = std::max(total() + kMark, end_ - std::min(end_, kTail));
  auto tail = read_whole(storage_, File::Mailbox, from, end_ - std::min(from, end_));
  if (!tail) return std::unexpected(std::move(tail).error());
  return hash_of(*tail);
}

// `data`: what a Redo record saves. The mailbox is synced before: then only the latest record counts.
Result<void> Mover::write_record(Kind kind, std::string_view data) {
  if (auto done = settle(); !done) return done;
  auto tail = tail_hash();
  if (!tail) return std::unexpected(std::move(tail).error());
  ++sequence_;
  Record record{head_.id, sequence_, kind, position_, data.size(), hash_of(data), end_, *tail, 0};
  record.hash = checksum(record);
  if (!data.empty()) {
    auto saved = storage_.write(File::Journal, slot_at(head_, sequence_), data);
    if (!saved) return saved;
  }
  return storage_.write(File::Journal, kRecordAt * (1 + sequence_ % 2), bytes_of(record));
}

Result<void> Mover::settle() {
  if (!unsynced_) return {};
  auto done = storage_.sync(File::Mailbox);
  unsynced_ = !done;
  return done;
}

Result<void> Mover::put(std::string_view data) {
  unsynced_ = true;
  auto done = storage_.write(File::Mailbox, position_, data);
  if (done) position_ += data.size();
  return done;
}

Result<void> Mover::redo(std::uint64_t length) {
  auto data = gather(position_, length);
  if (!data) return std::unexpected(std::move(data).error());
  auto done = write_record(Kind::Redo, *data);
  if (done) done = storage_.sync(File::Journal);
  if (done) done = put(*data);
  return done;
}

Result<void> Mover::step() {
  const auto planned = next();
  if (planned.kind == MoveStep::Kind::Redo) return redo(planned.length);
  const auto stop = position_ + planned.length;
  while (position_ < stop) {
    auto data = gather(position_, std::min(kCopyBuffer, stop - position_));
    if (!data) return std::unexpected(std::move(data).error());
    if (auto done = put(*data); !done) return done;
  }
  if (position_ == total()) return {};  // the Truncate record follows
  auto done = write_record(Kind::Moved);
  return done ? storage_.sync(File::Journal) : done;
}

Result<void> Mover::start(std::string_view list_and_note) {
  position_ = kept_.empty() || kept_[0].begin > 0 ? 0 : kept_[0].end;  // what already is in place
  auto done = storage_.write(File::Journal, kListAt, list_and_note);
  if (done) done = storage_.write(File::Journal, 0, bytes_of(head_));
  // A Redo record may be the first: its sync is then the one that begins the move.
  const bool redo_first = position_ < total() && next().kind == MoveStep::Kind::Redo;
  if (done && !redo_first) done = write_record(Kind::Moved);
  if (done && !redo_first) done = storage_.sync(File::Journal);
  return done ? run() : done;
}

Result<void> Mover::fits(const Record& record) {
  auto size = storage_.size(File::Mailbox);
  if (!size) return std::unexpected(std::move(size).error());
  if (*size < record.end) return unfit("it is shorter than it was");
  auto tail = tail_hash();
  if (!tail) return std::unexpected(std::move(tail).error());
  if (*tail != record.tail_hash) return unfit("its end is not what it was");
  return {};
}

Result<void> Mover::resume(const Record& record) {
  sequence_ = record.sequence;
  position_ = record.position;
  if (record.end < end_ || record.position > total() + (record.end - end_)) return unfit("its numbers are wrong");
  if (record.end > end_) add_piece({end_, record.end});
  end_ = record.end;
  // Whoever wrote the record may have died before its sync: what is applied must not outlive what it is applied from.
  if (auto done = storage_.sync(File::Journal); !done) return done;
  if (record.kind == Kind::Truncate) {
    auto cut = truncate();
    if (!cut) return std::unexpected(std::move(cut).error());
    return *cut ? Result<void>() : run();
  }
  if (auto done = fits(record); !done) return done;
  if (record.kind == Kind::Redo) {
    auto data = read_whole(storage_, File::Journal, slot_at(head_, sequence_), record.length);
    if (!data) return std::unexpected(std::move(data).error());
    if (record.length > total() - position_) return unfit("its numbers are wrong");
    if (auto done = put(*data); !done) return done;
  }
  auto size = storage_.size(File::Mailbox);
  if (!size) return std::unexpected(std::move(size).error());
  if (auto done = include_foreign(*size); !done) return done;
  return run();
}

// Bytes behind the end are foreign mail: they are kept, as one more piece.
Result<void> Mover::include_foreign(std::uint64_t size) {
  if (size <= end_) return {};
  add_piece({end_, size});
  end_ = size;
  auto done = write_record(Kind::Moved);
  return done ? storage_.sync(File::Journal) : done;
}

Result<void> Mover::run() {
  for (;;) {
    while (position_ < total()) {
      if (auto done = step(); !done) return done;
    }
    unsynced_ = true;
    auto done = storage_.write(File::Mailbox, total(), bytes_of(head_.id));
    if (done) done = write_record(Kind::Truncate);
    if (done) done = storage_.sync(File::Journal);
    if (!done) return done;
    auto cut = truncate();
    if (!cut) return std::unexpected(std::move(cut).error());
    if (*cut) return {};
  }
}

// Cuts the file, unless that was done before; false: foreign mail came, more is to be moved.
Result<bool> Mover::truncate() {
  auto size = storage_.size(File::Mailbox);
  if (!size) return std::unexpected(std::move(size).error());
  auto mark = read_whole(storage_, File::Mailbox, total(), kMark);
  if (!mark) return std::unexpected(std::move(mark).error());
  Result<void> done;
  if (*size >= end_ && *mark == bytes_of(head_.id)) {
    if (*size > end_) {
      done = include_foreign(*size);
      if (!done) return std::unexpected(std::move(done).error());
      return false;
    }
    done = storage_.truncate_mailbox(total());
  }
  if (done) done = storage_.sync(File::Mailbox);
  unsynced_ = false;
  if (done) {
    Record record{head_.id, ++sequence_, Kind::Done, total(), 0, hash_of({}), end_, 0, 0};
    record.hash = checksum(record);
    done = storage_.write(File::Journal, kRecordAt * (1 + sequence_ % 2), bytes_of(record));
  }
  if (!done) return std::unexpected(std::move(done).error());
  return true;
}

// As much space as helps, else what is there.
Result<std::uint64_t> find_slots(MoveStorage& storage, std::uint64_t behind, std::uint64_t to_move) {
  const auto wanted = std::clamp(rounded_up(to_move), 4 * kSmallestSlot, kLargestSlot);
  if (storage.allocate_journal(behind + 2 * wanted)) return wanted;
  auto size = storage.size(File::Journal);
  if (!size) return std::unexpected(std::move(size).error());
  if (*size < behind + 2 * kSmallestSlot) {
    return failure(ErrorKind::Temporary, "no space for the journal of a removal", ENOSPC);
  }
  return std::min((*size - behind) / 2 / kBlock * kBlock, kLargestSlot);
}

}  // namespace

MoveStep next_step(std::uint64_t position, std::uint64_t source, std::uint64_t total, std::uint64_t slot) {
  const auto left = total - position;
  const auto gap = source - position;
  const auto fits = gap > kMark ? gap - kMark : 0;  // the mark is written behind the last step's bytes
  if (left <= fits || fits >= kPlainGap) return {MoveStep::Kind::Plain, std::min({left, fits, kLongestPlain})};
  return {MoveStep::Kind::Redo, std::min(left, slot)};
}

Result<void> begin_move(MoveStorage& storage, const Move& move, std::uint64_t inode, const MoveId& id) {
  const auto list = list_of(move.kept);
  std::uint64_t kept = 0;
  for (const auto& extent : move.kept) kept += extent.end - extent.begin;
  if (move.end < kept + kMark || list.size() > kLargestList || move.note.size() > kLargestList) {
    return failure(ErrorKind::Temporary, "this removal is not for a journal");
  }
  auto slot = find_slots(storage, rounded_up(kListAt + list.size() + move.note.size()), kept);
  if (!slot) return std::unexpected(std::move(slot).error());
  Head head{kMagic, id, inode, move.end, list.size(), move.note.size(), hash_of(list + move.note), *slot, 0};
  head.hash = checksum(head);
  return Mover(storage, head, move.kept).start(list + move.note);
}

Result<void> finish_move(MoveStorage& storage, std::uint64_t inode) {
  auto state = read_state(storage);
  if (!state) return std::unexpected(std::move(state).error());
  if (!*state || (*state)->record.kind == Kind::Done) return {};
  const Head& head = (*state)->head;
  auto lists = read_lists(storage, **state);
  if (!lists) return std::unexpected(std::move(lists).error());
  if (!*lists) return {};
  if (head.inode != inode) {
    return unfit("it is another file");
  }
  auto kept = parse_list((*lists)->list, head.end);
  if (!kept) return unfit("it is damaged");
  return Mover(storage, head, std::move(*kept)).resume((*state)->record);
}

Result<std::optional<FinishedMove>> read_note(MoveStorage& storage) {
  auto state = read_state(storage);
  if (!state) return std::unexpected(std::move(state).error());
  if (!*state || (*state)->record.kind != Kind::Done) return std::nullopt;
  auto lists = read_lists(storage, **state);
  if (!lists) return std::unexpected(std::move(lists).error());
  if (!*lists) return std::nullopt;
  return FinishedMove{(*state)->head.id, std::move((*lists)->note)};
}

}  // namespace mailbox
