// Which unique ids a mailbox has given, so that none is ever given again and identical messages keep theirs.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/uidl_history.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "mailbox/file.h"

namespace mailbox {
namespace {

constexpr const char* kName = "uidl";
constexpr std::string_view kMagic("sluice-uidl-1\n\0\0\0\0\0\0\0\0\0\0", 24);
constexpr std::size_t kRecord = 24;
constexpr std::size_t kSlack = 4096;  // records that may be more than needed before the file is rewritten
constexpr std::size_t kMostBytes = 4 * kMostRemembered * kRecord;

// The low byte says what the record means, the rest is its checksum.
std::uint32_t check_of(std::string_view body, unsigned char kind) {
  return static_cast<std::uint32_t>(XXH3_64bits_withSeed(body.data(), body.size(), kind)) << 8 | kind;
}

// How many records the file had when it was written last: its first record says so.
std::size_t written_at_once(std::string_view records) {
  std::uint32_t count = 0;
  if (records.size() >= kRecord && records[20] == 'A') std::memcpy(&count, records.data() + 16, sizeof count);
  return count;
}

constexpr std::size_t kMostBits = 1u << 20;  // of a BaseSet's first sieve

}  // namespace

BaseSet::BaseSet(std::vector<UidlBase> bases) : bases_(std::move(bases)) {
  std::ranges::sort(bases_);
  maybe_.resize(std::clamp<std::size_t>(64 * bases_.size(), 64, kMostBits));
  for (const auto& base : bases_) maybe_[base.low % maybe_.size()] = true;
}

std::uint64_t history_inode(const std::string& state_dir) {
  struct stat about{};
  return lstat((state_dir + "/" + kName).c_str(), &about) == 0 && S_ISREG(about.st_mode) ? about.st_ino : 0;
}

Result<UidlHistory> UidlHistory::open(const std::string& state_dir, const std::optional<FinishedMove>& last) {
  return open(state_dir, last, nullptr);
}

Result<UidlHistory> UidlHistory::open_for(const std::string& state_dir, const std::optional<FinishedMove>& last,
                                          const BaseSet& bases) {
  return open(state_dir, last, &bases);
}

Result<UidlHistory> UidlHistory::open(const std::string& state_dir, const std::optional<FinishedMove>& last,
                                      const BaseSet* only) {
  UidlHistory history(state_dir);
  auto fd = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDONLY);
  if (!fd && !fd.error().is_not_found()) return std::unexpected(std::move(fd).error());
  std::string bytes;
  if (fd) {
    auto read = read_bounded(fd->get(), kMostBytes);
    if (!read && read.error().code != EFBIG) return std::unexpected(std::move(read).error());
    if (read) bytes = std::move(*read);
  }
  history.must_rewrite_ = !bytes.starts_with(kMagic);
  if (history.must_rewrite_) {
    if (last) history.add(Kind::Applied, {last->id[0], last->id[1]}, 0);  // it speaks of ids that nobody knows any more
    return history;
  }
  const auto records = std::string_view(bytes).substr(kMagic.size());
  // Whoever knows only a part cannot rewrite it: every so often all of it is read.
  if (records.size() / kRecord > 2 * (written_at_once(records) + kSlack)) only = nullptr;
  history.load(records, only);
  // A removal's note may speak of any id.
  if (only && last && !last->note.empty() && last->id != history.applied_) {
    history.load(records, only = nullptr);
  }
  history.is_partial_ = only != nullptr;
  history.size_ = bytes.size() / kRecord * kRecord;
  if (last) history.take_in(*last);
  return history;
}

void UidlHistory::load(std::string_view bytes, const BaseSet* only) {
  ids_ = {};
  if (!only) ids_.reserve(bytes.size() / kRecord);
  for (; bytes.size() >= kRecord; bytes.remove_prefix(kRecord)) {
    UidlBase base;
    std::uint32_t ordinal = 0, check = 0;
    std::memcpy(&base.high, bytes.data(), 8);
    std::memcpy(&base.low, bytes.data() + 8, 8);
    std::memcpy(&ordinal, bytes.data() + 16, 4);
    std::memcpy(&check, bytes.data() + 20, 4);
    const auto kind = static_cast<unsigned char>(check & 0xFF);
    if (only && static_cast<Kind>(kind) != Kind::Applied && !only->contains(base)) continue;
    if (check == check_of(bytes.substr(0, 20), kind)) take_in(static_cast<Kind>(kind), base, ordinal);
  }
}

void UidlHistory::take_in(Kind kind, const UidlBase& base, std::uint32_t ordinal) {
  if (kind == Kind::Applied) {
    applied_ = {base.high, base.low};
    return;
  }
  Ids& ids = ids_[base];
  ids.last = std::max(ids.last, ordinal);
  if (kind == Kind::Given && (ids.live.empty() || ids.live.back() < ordinal)) ids.live.push_back(ordinal);
  if (kind == Kind::Removed) {
    const auto at = std::ranges::lower_bound(ids.live, ordinal);
    if (at != ids.live.end() && *at == ordinal) ids.live.erase(at);
  }
}

void UidlHistory::add(Kind kind, const UidlBase& base, std::uint32_t ordinal) {
  take_in(kind, base, ordinal);
  append_record(unsaved_, kind, base, ordinal);
}

void UidlHistory::append_record(std::string& out, Kind kind, const UidlBase& base, std::uint32_t ordinal) {
  char record[kRecord];
  std::memcpy(record, &base.high, 8);
  std::memcpy(record + 8, &base.low, 8);
  std::memcpy(record + 16, &ordinal, 4);
  const auto check = check_of({record, 20}, static_cast<unsigned char>(kind));
  std::memcpy(record + 20, &check, 4);
  out.append(record, kRecord);
}

// Doing so twice is harmless: an ordinal that is gone is never given again.
void UidlHistory::take_in(const FinishedMove& move) {
  if (move.note.empty() || move.id == applied_) return;
  UidlHistory said("");
  said.load(move.note, nullptr);
  for (const auto& [base, ids] : said.ids_) {
    if (!ids_.find(base)) continue;
    for (const auto ordinal : ids.live) remove(base, ordinal);
  }
  add(Kind::Applied, {move.id[0], move.id[1]}, 0);
}

std::vector<std::uint32_t> UidlHistory::assign(std::span<const UidlBase> messages, const BaseSet* among) {
  std::vector<std::uint32_t> ordinals;
  ordinals.reserve(messages.size());
  ids_.reserve(std::max(ids_.size(), messages.size()));
  for (auto& [base, ids] : ids_) ids.seen = 0;
  for (const auto& base : messages) {
    auto& ids = ids_[base];
    if (ids.seen == ids.live.size()) {
      ids.live.push_back(++ids.last);
      append_record(unsaved_, Kind::Given, base, ids.last);
    }
    ordinals.push_back(ids.live[ids.seen++]);
  }
  for (auto& [base, ids] : ids_) {
    if (among && !among->contains(base)) continue;
    while (ids.live.size() > ids.seen) add(Kind::Removed, base, ids.live.back());
  }
  return ordinals;
}

void UidlHistory::remove(const UidlBase& base, std::uint32_t ordinal) {
  const auto* known = ids_.find(base);
  if (!known || !std::ranges::binary_search(known->live, ordinal)) return;
  add(Kind::Removed, base, ordinal);
}

// The ordinals are named as given: whoever reads the note removes them.
std::string UidlHistory::note(std::span<const GivenUidl> removed) const {
  BaseMap<std::vector<std::uint32_t>> gone;
  for (const auto& id : removed) {
    const auto* known = ids_.find(id.base);
    if (known && known->live.size() > 1) gone[id.base].push_back(id.ordinal);
  }
  std::string note;
  for (auto& [base, ordinals] : gone) {
    std::ranges::sort(ordinals);
    const auto& live = ids_.find(base)->live;
    const auto is_gone = [&gone_here = ordinals](std::uint32_t ordinal) {
      return std::ranges::binary_search(gone_here, ordinal);
    };
    const auto kept = static_cast<std::size_t>(live.rend() - std::find_if_not(live.rbegin(), live.rend(), is_gone));
    if (std::none_of(live.begin(), live.begin() + static_cast<std::ptrdiff_t>(kept), is_gone)) continue;
    for (const auto ordinal : ordinals) append_record(note, Kind::Given, base, ordinal);
  }
  return note;
}

// The least that says the same: ids that live, and the highest of those that are gone.
std::string UidlHistory::whole() const {
  const bool forget = ids_.size() > kMostRemembered;
  std::string bytes;
  for (const auto& [base, ids] : ids_) {
    const bool last_lives = !ids.live.empty() && ids.live.back() == ids.last;
    if (!last_lives && !(forget && ids.live.empty())) append_record(bytes, Kind::Spent, base, ids.last);
    for (const auto ordinal : ids.live) append_record(bytes, Kind::Given, base, ordinal);
  }
  std::string first(kMagic);
  append_record(first, Kind::Applied, {applied_[0], applied_[1]}, static_cast<std::uint32_t>(bytes.size() / kRecord));
  return first + bytes;
}

Result<void> UidlHistory::save() {
  if (unsaved_.empty()) return {};
  const auto records = (size_ + unsaved_.size()) / kRecord;
  auto done = must_rewrite_ || (!is_partial_ && records > 2 * ids_.size() + kSlack) ? rewrite() : append();
  if (done) unsaved_.clear();
  return done;
}

Result<void> UidlHistory::rewrite() {
  const auto bytes = whole();
  if (auto done = replace_file(state_dir_, kName, bytes); !done) return done;
  size_ = bytes.size();
  must_rewrite_ = false;
  return {};
}

Result<void> UidlHistory::append() {
  auto fd = open_private(AT_FDCWD, state_dir_ + "/" + kName, O_WRONLY);
  if (!fd) return std::unexpected(std::move(fd).error());
  // Behind the last whole record: a torn one may follow.
  if (lseek(fd->get(), static_cast<off_t>(size_), SEEK_SET) < 0) return system_failure("cannot seek in uidl");
  auto done = write_all(fd->get(), unsaved_);
  if (done) done = sync_file(fd->get());
  if (done) size_ += unsaved_.size();
  return done;
}

}  // namespace mailbox
