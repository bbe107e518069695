// Takes messages out of an mbox in place, so that its inode, owner and mode stay, and a kill never leaves it between
// before and after: the journalled move (move_journal.h) on real files.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/journal.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "mailbox/file.h"

namespace mailbox {
namespace {

constexpr const char* kName = "journal";
constexpr const char* kUnfit = "journal.unfit";
constexpr std::uint64_t kHeadAndRecords = 12 << 10;
constexpr std::uint64_t kListBytes = 20;  // of one kept piece, at most; in practice five

class Files final : public MoveStorage {
 public:
  Files(int mailbox, int journal) : mailbox_(mailbox), journal_(journal) {}

  Result<std::size_t> read(File file, std::uint64_t offset, std::span<char> into) override {
    std::size_t got = 0;
    while (got < into.size()) {
      const ssize_t n = pread(fd(file), into.data() + got, into.size() - got, static_cast<off_t>(offset + got));
      if (n == 0) break;
      if (n < 0 && errno != EINTR) return system_failure(deed("read", file));
      if (n > 0) got += static_cast<std::size_t>(n);
    }
    return got;
  }

  Result<void> write(File file, std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = pwrite(fd(file), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return system_failure(deed("write", file), n == 0 ? ENOSPC : errno);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }

  Result<void> sync(File file) override {
    if (fsync(fd(file)) != 0) return system_failure(deed("sync", file));
    return {};
  }

  Result<std::uint64_t> size(File file) override {
    struct stat about{};
    if (fstat(fd(file), &about) != 0) return system_failure(deed("look at", file));
    return static_cast<std::uint64_t>(about.st_size);
  }

  Result<void> truncate_mailbox(std::uint64_t size) override {
    if (ftruncate(mailbox_, static_cast<off_t>(size)) != 0) return system_failure(deed("truncate", File::Mailbox));
    return {};
  }

  Result<void> allocate_journal(std::uint64_t size) override {
    struct stat about{};
    if (fstat(journal_, &about) == 0 && static_cast<std::uint64_t>(about.st_size) >= size) return {};
    const int code = posix_fallocate(journal_, 0, static_cast<off_t>(size));
    if (code != 0) return system_failure(deed("allocate", File::Journal), code);
    return {};
  }

 private:
  int fd(File file) const { return file == File::Mailbox ? mailbox_ : journal_; }
  static std::string deed(const char* verb, File file) {
    return std::string("cannot ") + verb + (file == File::Mailbox ? " the mailbox" : " the journal of a removal");
  }

  int mailbox_;
  int journal_;
};

// Under O_APPEND pwrite(2) writes at the end, whatever the offset.
class WithoutAppend {
 public:
  explicit WithoutAppend(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {
    if (flags_ >= 0 && (flags_ & O_APPEND) != 0) fcntl(fd_, F_SETFL, flags_ & ~O_APPEND);
  }
  WithoutAppend(const WithoutAppend&) = delete;
  WithoutAppend& operator=(const WithoutAppend&) = delete;
  ~WithoutAppend() {
    if (flags_ >= 0 && (flags_ & O_APPEND) != 0) fcntl(fd_, F_SETFL, flags_);
  }
  bool can_move() const { return flags_ >= 0 && (flags_ & O_ACCMODE) == O_RDWR; }

 private:
  int fd_;
  int flags_;
};

Result<std::uint64_t> inode_of(int mbox_fd) {
  struct stat about{};
  if (fstat(mbox_fd, &about) != 0) return system_failure("cannot look at the mailbox");
  return about.st_ino;
}

Result<UniqueFd> open_state(const std::string& state_dir) {
  return open_at(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

// The space of the largest removals goes back; what a full disk needs, and what last_cut_out() reads, stays.
void shrink(int journal, const Move& move) {
  const auto with_note = move.note.empty() ? 0 : kHeadAndRecords + kListBytes * move.kept.size() + move.note.size();
  const auto kept = static_cast<off_t>(std::max(kReservedJournal, with_note));
  struct stat about{};
  const bool large = fstat(journal, &about) == 0 && about.st_size > kept;
  if (large && ftruncate(journal, kept) != 0) errno = 0;  // then it stays large
}

// Made durable in its directory, if it had to be made: what is synced into it later is to be found.
Result<UniqueFd> open_journal(int state) {
  auto fd = open_private(state, kName, O_RDWR);
  if (fd || !fd.error().is_not_found()) return fd;
  fd = open_private(state, kName, O_RDWR, true);
  if (fd && fsync(state) != 0) return system_failure("cannot sync the state directory");
  return fd;
}

}  // namespace

Result<void> replay(int mbox_fd, const std::string& state_dir) {
  if (state_dir.empty()) return {};
  auto journal = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDWR);
  if (!journal) {
    if (journal.error().is_not_found()) return {};
    return std::unexpected(std::move(journal).error());
  }
  auto inode = inode_of(mbox_fd);
  if (!inode) return std::unexpected(std::move(inode).error());
  const WithoutAppend plain(mbox_fd);
  Files files(mbox_fd, journal->get());
  auto done = finish_move(files, *inode);
  if (done || !done.error().is_permanent()) return done;
  auto state = open_state(state_dir);
  if (!state) return std::unexpected(std::move(state).error());
  if (renameat(state->get(), kName, state->get(), kUnfit) != 0) {
    return system_failure("cannot set aside the journal in " + state_dir);
  }
  return failure(ErrorKind::Temporary, done.error().text + "; set aside as " + state_dir + "/" + kUnfit);
}

Result<void> cut_out(int mbox_fd, const std::string& state_dir, const Move& move) {
  auto state = open_state(state_dir);
  if (!state) return std::unexpected(std::move(state).error());
  auto journal = open_journal(state->get());
  if (!journal) return std::unexpected(std::move(journal).error());
  auto inode = inode_of(mbox_fd);
  if (!inode) return std::unexpected(std::move(inode).error());
  MoveId id{};
  if (getrandom(id.data(), sizeof id, 0) != sizeof id) return system_failure("no random bytes");
  const WithoutAppend plain(mbox_fd);
  if (!plain.can_move()) return failure(ErrorKind::Temporary, "the mailbox is not open for reading and writing", EBADF);
  Files files(mbox_fd, journal->get());
  auto done = begin_move(files, move, *inode, id);
  if (done) shrink(journal->get(), move);
  return done;
}

Result<void> reserve_journal(const std::string& state_dir, std::uint64_t messages) {
  auto state = open_state(state_dir);
  if (!state) return std::unexpected(std::move(state).error());
  auto journal = open_journal(state->get());
  if (!journal) {
    if (journal.error().code == ENOSPC || journal.error().code == EDQUOT) return {};
    return std::unexpected(std::move(journal).error());
  }
  const auto wanted = kHeadAndRecords + messages / 4 * kListBytes + 4 * kSmallestSlot;
  Files files(-1, journal->get());
  // A disk too full even for the least is found out at the removal, which then changes nothing.
  if (!files.allocate_journal(kReservedJournal)) return {};
  if (wanted > kReservedJournal && !files.allocate_journal(wanted)) return {};
  return {};
}

Result<std::optional<FinishedMove>> last_cut_out(const std::string& state_dir) {
  auto journal = open_private(AT_FDCWD, state_dir + "/" + kName, O_RDONLY);
  if (!journal && journal.error().is_not_found()) return std::nullopt;
  if (!journal) return std::unexpected(std::move(journal).error());
  Files files(-1, journal->get());
  return read_note(files);
}

}  // namespace mailbox
