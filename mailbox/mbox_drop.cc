// An mbox inbox, frozen: the messages that stood in it under the lock, and their removal in place.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <utility>

#include "mailbox/drop.h"
#include "mailbox/file.h"
#include "mailbox/from_line.h"
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "mailbox/mbox_format.h"
#include "mailbox/stored_message.h"

namespace mailbox {
namespace {

constexpr std::chrono::seconds kLockPatience{20};  // a client waits a minute for PASS, and little longer for QUIT
constexpr int kOpenTries = 10;                     // for a name that changes under our hands
constexpr long kClockTick = 100'000'000;           // ns: file times are that coarse at most, with room to spare
constexpr std::size_t kMostLooseBytes = 4096;      // empty lines before the first message that came later

MailboxLock::Options lock_options() {
  return {.dotlock = true,
          .extension = ".lock",
          .dot = {.give_up = kLockPatience, .interrupted = {}},
          .give_up = kLockPatience};
}

std::unexpected<Error> changed(const std::string& path, const char* how) {
  return failure(ErrorKind::Temporary, path + ": another program changed the mailbox: " + how);
}

bool same_time(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

// Whether a change after `now` would have shown: file times are coarse, so not if the last one was only just before.
bool is_settled(const struct stat& about) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const auto nanoseconds = (now.tv_sec - about.st_ctim.tv_sec) * 1'000'000'000 + now.tv_nsec - about.st_ctim.tv_nsec;
  return nanoseconds > kClockTick;
}

struct Frozen {
  struct stat about{};
  bool settled = false;
  bool is_same(const struct stat& now) const {
    return settled && same_file(about, now) && about.st_size == now.st_size && same_time(about.st_ctim, now.st_ctim);
  }
  std::uint64_t size() const { return static_cast<std::uint64_t>(about.st_size); }
};

Result<std::vector<MboxEntry>> scan(int fd, std::uint64_t from, std::uint64_t to) {
  MboxScanner scanner(from);
  auto done = read_range(fd, from, to, [&](std::string_view piece) { return scanner.feed(piece); });
  if (!done) return std::unexpected(std::move(done).error());
  return scanner.finish();
}

class MboxDrop final : public Drop {
 public:
  MboxDrop(std::string path, std::string state, UniqueFd fd)
      : path_(std::move(path)), state_(std::move(state)), fd_(std::move(fd)) {}

  Result<void> freeze();
  std::vector<Message> messages() const override;
  Result<void> fetch(std::size_t index, const Sink& sink) override;
  Result<void> remove(const std::vector<bool>& deleted, const std::string& note) override;

 private:
  Result<struct stat> look() const;
  Result<MailboxLock> lock() const;
  Result<Frozen> frozen_now() const;
  Result<void> verify(const struct stat& now, std::size_t first) const;
  Result<std::uint64_t> start_of_tail(std::uint64_t size, bool last_is_deleted) const;
  std::vector<Extent> kept(const std::vector<bool>& deleted, std::uint64_t tail, std::uint64_t size) const;
  Result<void> cut(Move move);

  std::string path_;
  std::string state_;
  UniqueFd fd_;
  Frozen frozen_;
  std::vector<MboxEntry> entries_;
};

Result<struct stat> MboxDrop::look() const {
  struct stat about{};
  if (fstat(fd_.get(), &about) != 0) return system_failure("cannot examine " + path_);
  return about;
}

// The lock on what `path_` names now, and that it is our file still.
Result<MailboxLock> MboxDrop::lock() const {
  auto lock = MailboxLock::take(AT_FDCWD, path_, fd_.get(), lock_options());
  if (!lock) return std::unexpected(std::move(lock).error());
  if (!names_file(AT_FDCWD, path_, fd_.get())) return changed(path_, "it is another file now");
  if (auto done = replay(fd_.get(), state_); !done) return std::unexpected(std::move(done).error().about(path_));
  return lock;
}

Result<Frozen> MboxDrop::frozen_now() const {
  auto about = look();
  if (!about) return std::unexpected(std::move(about).error());
  return Frozen{*about, is_settled(*about)};
}

// Under the lock only for a moment; what arrives while we read stays outside. If anything happened meanwhile we read
// again, under the lock.
Result<void> MboxDrop::freeze() {
  for (const bool locked : {false, true}) {
    auto held = std::optional(lock());
    if (!*held) return std::unexpected(std::move(*held).error());
    auto frozen = frozen_now();
    if (!frozen) return std::unexpected(std::move(frozen).error());
    frozen_ = *frozen;
    if (!locked) held.reset();
    auto entries = scan(fd_.get(), 0, frozen_.size());
    auto now = look();
    if (!now) return std::unexpected(std::move(now).error());
    const bool quiet = now->st_size == frozen_.about.st_size && same_time(now->st_ctim, frozen_.about.st_ctim);
    if (!quiet && !locked) continue;
    if (!entries) return std::unexpected(std::move(entries).error().about(path_));
    entries_ = std::move(*entries);
    if (!entries_.empty()) return reserve_journal(state_, entries_.size());
    return {};
  }
  return {};
}

std::vector<Drop::Message> MboxDrop::messages() const {
  std::vector<Message> all;
  all.reserve(entries_.size());
  for (const auto& entry : entries_) all.push_back({entry.octets, entry.base});
  return all;
}

Result<void> MboxDrop::fetch(std::size_t index, const Sink& sink) {
  const auto& entry = entries_.at(index);
  auto now = look();
  if (!now) return std::unexpected(std::move(now).error());
  if (static_cast<std::uint64_t>(now->st_size) < frozen_.size()) return changed(path_, "it became shorter");
  return send({.fd = fd_.get(),
               .offset = entry.offset,
               .size = entry.size,
               .home = MessageText::Home::Mbox,
               .octets = entry.octets,
               .base = entry.base},
              sink);
}

// Whether the messages from `first` on, which will be deleted or moved, are what they were.
Result<void> MboxDrop::verify(const struct stat& now, std::size_t first) const {
  if (frozen_.is_same(now)) return {};
  if (static_cast<std::uint64_t>(now.st_size) < frozen_.size()) return changed(path_, "it became shorter");
  auto entries = scan(fd_.get(), entries_[first].offset, frozen_.size());
  if (!entries || !std::equal(entries->begin(), entries->end(), entries_.begin() + static_cast<std::ptrdiff_t>(first),
                              entries_.end())) {
    return changed(path_, "messages are not what they were at login");
  }
  return {};
}

// Where mail begins that came after login. Behind a deleted message it loses the line ends that its delivery put first:
// they completed that message, and would lengthen the one that now stands before.
Result<std::uint64_t> MboxDrop::start_of_tail(std::uint64_t size, bool last_is_deleted) const {
  if (!last_is_deleted || size == frozen_.size()) return frozen_.size();
  std::string start;
  const auto end = std::min(size, frozen_.size() + kMostLooseBytes + kLongestFromLine);
  auto done = read_range(fd_.get(), frozen_.size(), end, [&](std::string_view piece) { return start += piece, true; });
  if (!done) return std::unexpected(std::move(done).error());
  const auto loose = std::min(start.find_first_not_of("\r\n"), start.size());
  const auto line = std::string_view(start).substr(loose, start.find('\n', loose) - loose);
  if (loose == start.size() && end == size) return size;
  if (loose > kMostLooseBytes || !is_from_line(without_line_end(line))) {
    return changed(path_, "what was written behind the last message is no message");
  }
  return frozen_.size() + loose;
}

// All that is not deleted: messages, what is before the first, and what came later.
std::vector<Extent> MboxDrop::kept(const std::vector<bool>& deleted, std::uint64_t tail, std::uint64_t size) const {
  std::vector<Extent> kept;
  std::uint64_t at = 0;
  const auto leave_out = [&](std::uint64_t begin, std::uint64_t end) {
    if (begin > at) kept.push_back({at, begin});
    at = end;
  };
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (deleted[i]) leave_out(entries_[i].offset, entries_[i].offset + entries_[i].size);
  }
  if (tail > at && deleted.back()) at = tail;
  leave_out(size, size);
  return kept;
}

Result<void> MboxDrop::cut(Move move) {
  std::uint64_t left = 0;
  for (const auto& extent : move.kept) left += extent.end - extent.begin;
  // Nothing moves: to cut the file is one step, done or not.
  if (move.kept.empty() || (move.kept.size() == 1 && move.kept[0].begin == 0)) {
    if (ftruncate(fd_.get(), static_cast<off_t>(left)) != 0) return system_failure("cannot truncate " + path_);
    return sync_file(fd_.get());
  }
  auto done = cut_out(fd_.get(), state_, move);
  if (done) return {};
  // Begun or not? If it was, it is to be finished before the lock goes.
  const auto finished = replay(fd_.get(), state_);
  const auto now = look();
  if (finished && now && static_cast<std::uint64_t>(now->st_size) == left) return {};
  return std::unexpected(std::move(done).error().about(path_));
}

Result<void> MboxDrop::remove(const std::vector<bool>& deleted, const std::string& note) {
  auto held = lock();
  if (!held) return std::unexpected(std::move(held).error());
  auto now = look();
  if (!now) return std::unexpected(std::move(now).error());
  const auto first = static_cast<std::size_t>(std::ranges::find(deleted, true) - deleted.begin());
  if (auto done = verify(*now, first); !done) return done;
  const auto size = static_cast<std::uint64_t>(now->st_size);
  auto tail = start_of_tail(size, deleted.back());
  if (!tail) return std::unexpected(std::move(tail).error());
  return cut({kept(deleted, *tail, size), size, note});
}

}  // namespace

Result<std::unique_ptr<Drop>> open_mbox_drop(const std::string& path, const std::string& state) {
  for (int attempt = 0;; ++attempt) {
    auto fd = open_at(AT_FDCWD, path, O_RDWR | O_NONBLOCK | O_NOCTTY);
    if (!fd) return std::unexpected(std::move(fd).error());
    struct stat about{};
    if (fstat(fd->get(), &about) != 0) return system_failure("cannot examine " + path);
    if (!S_ISREG(about.st_mode)) return failure(ErrorKind::Temporary, path + " is not a plain file");
    const int descriptor = fd->get();
    auto drop = std::make_unique<MboxDrop>(path, state, std::move(*fd));
    auto done = drop->freeze();
    if (done) return drop;
    if (names_file(AT_FDCWD, path, descriptor) || attempt >= kOpenTries)
      return std::unexpected(std::move(done).error());
  }
}

}  // namespace mailbox
