// An mbox inbox, frozen: the messages that stood in it under the lock, and their removal in place.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <optional>
#include <span>
#include <tuple>
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
constexpr std::size_t kSamples = 64;               // From_ lines that are looked at where the file's mark is right
constexpr std::uint64_t kProofAtOnce = 64 << 20;   // bytes of doubted messages that a login reads again

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
  const IndexedMessages& messages() const override { return known_.messages; }
  std::uint64_t history() const override { return known_.history; }
  void remember(std::span<const std::uint32_t> ordinals, std::uint64_t history) override;
  Result<void> fetch(std::size_t index, const Sink& sink) override;
  MessageText::Home home() const override { return MessageText::Home::Mbox; }
  Result<UniqueFd> open_file_of(std::size_t index) override;
  Result<void> remove(const std::vector<bool>& deleted, const std::string& note, const Gone& gone) override;

 private:
  Result<struct stat> look() const;
  Result<MailboxLock> lock() const;
  Result<Frozen> frozen_now() const;
  bool is_from_line_at(const Message& message) const;
  Result<bool> is_unchanged(std::size_t first, std::size_t end) const;
  enum class Knows { Nothing, Beginning, All };
  Result<Knows> take_over(MboxIndex index);
  Result<void> read_rest();
  Result<void> verify(const struct stat& now, const std::vector<bool>& deleted, std::size_t first) const;
  bool is_index_of(const struct stat& now) const;
  Result<std::uint64_t> start_of_tail(std::uint64_t size, bool last_is_deleted) const;
  std::vector<Extent> kept(const std::vector<bool>& deleted, std::uint64_t tail, std::uint64_t size) const;
  Result<void> cut(Move move);
  void forget(const std::vector<bool>& deleted, std::size_t first, std::uint64_t history);

  std::string path_;
  std::string state_;
  UniqueFd fd_;
  Frozen frozen_;
  MboxIndex known_;
  Message last_;             // of those known, where it is read again
  bool is_in_file_ = false;  // the index file begins with known_,
  bool is_changed_ = false;  // but for the doubt
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

bool MboxDrop::is_from_line_at(const Message& message) const {
  constexpr std::string_view kStart = "\nFrom ";
  std::array<char, kStart.size()> bytes;
  const std::size_t missing = message.offset == 0 ? 1 : 0;  // the LF before it
  const auto start = kStart.substr(missing);
  const auto got = pread(fd_.get(), bytes.data(), start.size(), static_cast<off_t>(message.offset + missing - 1));
  return got == static_cast<ssize_t>(start.size()) && start == std::string_view(bytes.data(), start.size());
}

// Reads messages again, and compares. They stand one behind another.
Result<bool> MboxDrop::is_unchanged(std::size_t first, std::size_t end) const {
  if (first >= end) return true;
  const auto& messages = known_.messages;
  auto entries = scan(fd_.get(), messages[first].offset, messages[end - 1].end());
  if (!entries) return entries.error().code == 0 ? Result<bool>(false) : std::unexpected(std::move(entries).error());
  return std::equal(entries->begin(), entries->end(), messages.begin() + static_cast<std::ptrdiff_t>(first),
                    messages.begin() + static_cast<std::ptrdiff_t>(end),
                    [](const MboxEntry& entry, const Message& message) { return message.is(entry); });
}

// Whether the index fits the file: All of it is known, or the beginning, which known_ then is; the rest is to be read.
Result<MboxDrop::Knows> MboxDrop::take_over(MboxIndex index) {
  known_ = std::move(index);
  auto& messages = known_.messages;
  const auto mark = mark_of(frozen_.about);
  const bool all = known_.mark == mark;
  if (!all) {
    // Another program was here. If the file has grown, it may have appended only; to the last message, too.
    if (known_.mark.inode != mark.inode || known_.mark.size >= mark.size || messages.empty()) return Knows::Nothing;
    last_ = messages.back();
    messages.pop_back();
    known_.doubted = messages.size();
  }
  const auto step = all ? std::max<std::size_t>(1, messages.size() / kSamples) : 1;
  for (std::size_t i = 0; i < messages.size(); i += step) {
    if (!is_from_line_at(messages[messages.size() - 1 - i])) return Knows::Nothing;
  }
  const auto doubted = known_.doubted;
  auto first = doubted;
  while (first > 0 && messages[doubted - 1].end() - messages[first - 1].offset <= kProofAtOnce) --first;
  auto same = is_unchanged(first, doubted);
  if (!same) return std::unexpected(std::move(same).error());
  if (!*same) return Knows::Nothing;
  known_.doubted = first;
  is_in_file_ = all;
  is_changed_ = first != doubted;
  return all ? Knows::All : Knows::Beginning;
}

// The file behind what is known.
Result<void> MboxDrop::read_rest() {
  auto& messages = known_.messages;
  const auto start = messages.empty() ? 0 : messages.back().end();
  auto entries = scan(fd_.get(), start, frozen_.size());
  if (!entries && entries.error().code == 0 && start > 0) {  // what was known does not go with what follows
    messages.clear();
    known_.doubted = 0;
    entries = scan(fd_.get(), 0, frozen_.size());
  }
  if (!entries) return std::unexpected(std::move(entries).error().about(path_));
  const auto first = messages.size();
  messages.reserve(first + entries->size());
  for (const auto& entry : *entries) messages.push_back({entry.offset, entry.size, entry.octets, entry.base});
  const bool last_is_there = first < messages.size() && messages[first].base == last_.base;
  if (first > 0 && last_is_there) messages[first].ordinal = last_.ordinal;
  if (!last_is_there) known_.history = 0;  // it went away: the history is to hear of it
  return {};
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
    auto index = read_index(state_);
    if (!locked) held.reset();
    auto knows = index ? take_over(std::move(*index)) : Result<Knows>(Knows::Nothing);
    if (!knows) return std::unexpected(std::move(knows).error().about(path_));
    if (*knows == Knows::All) break;
    if (*knows == Knows::Nothing) known_ = {};
    known_.mark = mark_of(frozen_.about);
    auto done = read_rest();
    auto now = look();
    if (!now) return std::unexpected(std::move(now).error());
    if (mark_of(*now) != known_.mark && !locked) continue;
    if (!done) return done;
    break;
  }
  if (known_.messages.empty()) return {};
  return reserve_journal(state_, known_.messages.size());
}

void MboxDrop::remember(std::span<const std::uint32_t> ordinals, std::uint64_t history) {
  auto& messages = known_.messages;
  std::size_t first = messages.size();
  for (std::size_t i = ordinals.size(); i-- > 0;) {
    if (std::exchange(messages[i].ordinal, ordinals[i]) != ordinals[i]) first = i;
  }
  const bool is_new = first < messages.size() || is_changed_ || !is_in_file_ || known_.history != history;
  known_.history = history;
  if (history == 0 || !is_new) return;
  const auto held = lock();
  if (held) write_index(state_, known_, is_in_file_ ? first : 0, is_in_file_ ? IndexTail::Keep : IndexTail::Cut);
  errno = 0;  // without an index the next session reads the mailbox
}

Result<void> MboxDrop::fetch(std::size_t index, const Sink& sink) {
  const auto& message = known_.messages.at(index);
  auto now = look();
  if (!now) return std::unexpected(std::move(now).error());
  if (static_cast<std::uint64_t>(now->st_size) < frozen_.size()) return changed(path_, "it became shorter");
  return send({.fd = fd_.get(),
               .offset = message.offset,
               .size = message.size,
               .home = MessageText::Home::Mbox,
               .octets = message.octets,
               .base = message.base},
              sink);
}

Result<UniqueFd> MboxDrop::open_file_of(std::size_t) {
  auto fd = open_at(AT_FDCWD, path_, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat about{}, ours{};
  if (!fd) return fd;
  if (fstat(fd->get(), &about) != 0 || fstat(fd_.get(), &ours) != 0) return system_failure("cannot examine " + path_);
  if (!same_file(about, ours)) return changed(path_, "it is another file now");
  return fd;
}

// Whether the messages from `first` on, which will be deleted or moved, are what they were: because nobody was here, or
// only deliveries that went on with the index; else they are read again.
Result<void> MboxDrop::verify(const struct stat& now, const std::vector<bool>& deleted, std::size_t first) const {
  const auto& messages = known_.messages;
  const auto not_as_before = [this] { return changed(path_, "messages are not what they were at login"); };
  if (static_cast<std::uint64_t>(now.st_size) < frozen_.size()) return changed(path_, "it became shorter");
  if (!frozen_.is_same(now) && !is_index_of(now)) {
    auto same = is_unchanged(first, messages.size());
    if (!same) return std::unexpected(std::move(same).error());
    return *same ? Result<void>() : not_as_before();
  }
  for (std::size_t i = first; i < known_.doubted; ++i) {
    auto same = deleted[i] ? is_unchanged(i, i + 1) : Result<bool>(true);
    if (!same) return std::unexpected(std::move(same).error());
    if (!*same) return not_as_before();
  }
  return {};
}

// Whether the index says of the file as it is what we know of it, and perhaps more.
bool MboxDrop::is_index_of(const struct stat& now) const {
  const auto index = read_index(state_);
  if (!index || index->mark != mark_of(now) || index->messages.size() < known_.messages.size()) return false;
  return std::ranges::equal(std::span(index->messages).first(known_.messages.size()), known_.messages, {},
                            [](const Message& message) { return std::tie(message.offset, message.size, message.base); },
                            [](const Message& message) { return std::tie(message.offset, message.size, message.base); });
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
  for (std::size_t i = 0; i < known_.messages.size(); ++i) {
    if (deleted[i]) leave_out(known_.messages[i].offset, known_.messages[i].end());
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

Result<void> MboxDrop::remove(const std::vector<bool>& deleted, const std::string& note, const Gone& gone) {
  auto held = lock();
  if (!held) return std::unexpected(std::move(held).error());
  auto now = look();
  if (!now) return std::unexpected(std::move(now).error());
  const auto first = static_cast<std::size_t>(std::ranges::find(deleted, true) - deleted.begin());
  if (auto done = verify(*now, deleted, first); !done) return done;
  const auto size = static_cast<std::uint64_t>(now->st_size);
  auto tail = start_of_tail(size, deleted.back());
  if (!tail) return std::unexpected(std::move(tail).error());
  if (auto done = cut({kept(deleted, *tail, size), size, note}); !done) return done;
  forget(deleted, first, gone());
  return {};
}

// Brings the index up to date. Mail that came after login is for the next session to read.
void MboxDrop::forget(const std::vector<bool>& deleted, std::size_t first, std::uint64_t history) {
  auto& messages = known_.messages;
  auto at = messages[first].offset;
  std::size_t left = first, doubted = std::min<std::size_t>(first, known_.doubted);
  for (std::size_t i = first; i < messages.size(); ++i) {
    if (deleted[i]) continue;
    if (i < known_.doubted) ++doubted;
    messages[left] = messages[i];
    messages[left].offset = at;
    at = messages[left++].end();
  }
  messages.resize(left);
  const auto now = look();
  known_.doubted = doubted;
  known_.history = history;
  known_.mark = now ? mark_of(*now) : FileMark();
  if (now && known_.mark.size != at) known_.mark.changed = 0;  // it is more than we know: no mark of any file
  if (!write_index(state_, known_, first, IndexTail::Cut)) errno = 0;
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
