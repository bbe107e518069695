// Appending to an mbox: locked, mended, whole or not at all, on disk when it returns.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/from_quoting.h"
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "mailbox/mbox_format.h"
#include "mailbox/mbox_index.h"

namespace mailbox {
namespace {

constexpr int kOpenTries = 100;  // for names that change under our hands

struct Box {
  UniqueFd fd;
  bool regular = true;
};

std::chrono::milliseconds patience(const LockPolicy& locks) {
  return locks.kernel_wait.count() > 0 ? std::chrono::milliseconds(locks.kernel_wait) : LockWait().give_up;
}

LockWait wait_for(const LockPolicy& locks, std::chrono::milliseconds give_up) {
  return {.longest_pause = locks.longest_pause,
          .stale_after = locks.stale_after,
          .give_up = give_up,
          .interrupted = locks.interrupted};
}

// A FIFO or a device, for writing only: opened for reading too, a FIFO would swallow mail that nobody reads.
Result<Box> open_device(const Place& place, const std::string& path, const LockPolicy& locks) {
  const auto wait = wait_for(locks, patience(locks));
  for (Backoff backoff(wait);;) {
    auto fd = open_at(place.directory, path, O_WRONLY | O_APPEND | O_NONBLOCK);
    if (fd) return Box{std::move(*fd), false};
    if (fd.error().code != ENXIO) return std::unexpected(std::move(fd).error());
    if (!backoff.pause()) return failure(ErrorKind::Busy, path + " is a FIFO, and nobody reads it", ENXIO);
  }
}

// Makes the file; a dangling link makes what it leads to.
Result<UniqueFd> create_box(const Place& place, const std::string& path) {
  auto made = create_at(place.directory, path, new_file_mode(place), O_APPEND);
  struct stat about{};
  if (made || made.error().code != EEXIST) return made;
  if (fstatat(place.directory, path.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(about.st_mode)) return made;
  made = open_at(place.directory, path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, new_file_mode(place));
  if (made && fstat(made->get(), &about) == 0 && about.st_size == 0) fchmod(made->get(), new_file_mode(place));
  return made;
}

Result<Box> open_box(const Place& place, const std::string& path, const LockPolicy& locks) {
  for (int attempt = 0; attempt < kOpenTries; ++attempt) {
    struct stat about{};
    const bool exists = fstatat(place.directory, path.c_str(), &about, 0) == 0;
    if (exists && S_ISDIR(about.st_mode)) return system_failure("cannot open " + path, EISDIR);
    if (exists && !S_ISREG(about.st_mode)) return open_device(place, path, locks);
    auto fd = exists ? open_at(place.directory, path, O_RDWR | O_APPEND | O_NONBLOCK) : create_box(place, path);
    if (!fd && fd.error().code == EACCES && exists) {  // may be written but not read
      fd = open_at(place.directory, path, O_WRONLY | O_APPEND | O_NONBLOCK);
    }
    if (fd && fstat(fd->get(), &about) == 0 && S_ISREG(about.st_mode)) return Box{std::move(*fd), true};
    const int code = fd ? 0 : fd.error().code;
    if (!fd && code != EEXIST && !(exists && code == ENOENT)) return std::unexpected(std::move(fd).error());
  }
  return failure(ErrorKind::Temporary, "cannot open " + path + ": it is replaced again and again", EAGAIN);
}

// What is to be added before a message may follow.
std::string mend_of(int fd, off_t size) {
  std::string tail(static_cast<std::size_t>(std::min<off_t>(size, kMendTail)), '\0');
  const auto got = pread(fd, tail.data(), tail.size(), size - static_cast<off_t>(tail.size()));
  if (got != static_cast<ssize_t>(tail.size())) return "";  // cannot be read: as procmail does, trust it
  return missing_end(tail, static_cast<off_t>(tail.size()) == size);
}

// Cuts the file back unless the append went well.
class Staged {
 public:
  Staged(int fd, off_t size) : fd_(fd), size_(size) {}
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    const int kept = errno;
    if (!committed_ && ftruncate(fd_, size_) == 0) fsync(fd_);
    errno = kept;
  }
  void commit() { committed_ = true; }

 private:
  int fd_;
  off_t size_;
  bool committed_ = false;
};

// Readers tell "new mail" by an access time before the time of change; a second is what they compare.
void look_unread(int fd) {
  struct stat about{};
  if (fstat(fd, &about) != 0 || about.st_atim.tv_sec < about.st_mtim.tv_sec) return;
  const std::array<timespec, 2> times{timespec{about.st_mtim.tv_sec - 1, 0}, timespec{0, UTIME_OMIT}};
  futimens(fd, times.data());  // only the owner may: then it stays as it is
}

Result<std::uint64_t> write_message(const Place& place, const std::string& path, const StoreRequest& request, int fd) {
  const MboxText text(request.content);
  if (!request.state.empty()) {
    if (auto done = replay(fd, request.state); !done) return std::unexpected(std::move(done).error().about(path));
  }
  struct stat about{};
  if (fstat(fd, &about) != 0) return system_failure("cannot examine " + path);
  const std::string mend = mend_of(fd, about.st_size);
  std::vector<std::string_view> pieces{mend};
  const std::uint64_t growth = pieces[0].size() + text.size();
  std::unique_ptr<Quota::Room> room;
  if (request.quota) {
    auto reserved = request.quota->reserve(place.directory, path, growth);
    if (!reserved) return std::unexpected(std::move(reserved).error());
    room = std::move(*reserved);
  }
  pieces.insert(pieces.end(), text.pieces().begin(), text.pieces().end());
  IndexAppend index(mend.empty() ? request.state : "", about);
  Staged staged(fd, about.st_size);
  auto done = write_all(fd, pieces);
  if (done) {
    look_unread(fd);
    done = sync_file(fd);
  }
  if (done && about.st_size == 0) done = sync_parent(place.directory, path);  // it may be new, by us or another
  if (!done && !request.ignore_errors) return std::unexpected(std::move(done).error().about(path));
  staged.commit();
  mark_arrival(place, fd);
  if (done && fstat(fd, &about) == 0) index.finish(text.pieces(), about);
  return text.size();
}

Result<Stored> write_to_device(Box box, const std::string& path, const StoreRequest& request) {
  const MboxText text(request.content);
  auto done = write_all(box.fd.get(), text.pieces(), patience(request.locks));
  if (done) done = sync_file(box.fd.get());
  if (!done && !request.ignore_errors) return std::unexpected(std::move(done).error().about(path));
  return Stored{.kind = FolderKind::Mbox, .octets = text.size(), .name = path, .notes = {}};
}

struct LockedBox {
  UniqueFd fd;
  MailboxLock lock;
};

// The file behind the name, locked. Another program may replace it while we wait for its lock: then the next one.
Result<LockedBox> lock_box(const Place& place, const std::string& path, const LockPolicy& locks, Box box) {
  const MailboxLock::Options options{.dotlock = locks.dotlock,
                                     .extension = locks.extension,
                                     .dot = wait_for(locks, LockWait().give_up),
                                     .give_up = patience(locks)};
  for (int attempt = 0; attempt < kOpenTries; ++attempt) {
    auto lock = MailboxLock::take(place.directory, path, box.fd.get(), options);
    if (!lock) return std::unexpected(std::move(lock).error());
    if (names_file(place.directory, path, box.fd.get())) return LockedBox{std::move(box.fd), std::move(*lock)};
    auto again = open_box(place, path, locks);
    if (!again) return std::unexpected(std::move(again).error());
    if (!again->regular) return failure(ErrorKind::Temporary, path + " is no longer a file", EAGAIN);
    // The old lock goes first, then the descriptor that it is on.
    {
      const auto old = std::move(*lock);
    }
    box = std::move(*again);
  }
  return failure(ErrorKind::Temporary, path + " is replaced again and again", EAGAIN);
}

}  // namespace

mode_t new_file_mode(const Place& place) { return 0667 & ~place.umask; }

void mark_arrival(const Place& place, int fd) {
  struct stat about{};
  if ((place.umask & S_IXOTH) != 0 || fstat(fd, &about) != 0 || (about.st_mode & S_IXOTH) != 0) return;
  if (fchmod(fd, (about.st_mode & 07777) | S_IXOTH) != 0) errno = 0;  // only the owner may
}

Result<Stored> append_to_mbox(const Place& place, const std::string& path, const StoreRequest& request) {
  auto box = open_box(place, path, request.locks);
  if (!box) return std::unexpected(std::move(box).error());
  if (!box->regular) return write_to_device(std::move(*box), path, request);
  auto locked = lock_box(place, path, request.locks, std::move(*box));
  if (!locked) return std::unexpected(std::move(locked).error());
  Stored stored{.kind = FolderKind::Mbox, .octets = 0, .name = path, .notes = {}};
  const std::string lock_name = "\"" + path + request.locks.extension + "\"";
  if (locked->lock.was_forced()) stored.notes.push_back("Forcing lock on " + lock_name);
  if (!locked->lock.dotlock_error().empty()) stored.notes.push_back("Lock failure on " + lock_name);
  auto octets = write_message(place, path, request, locked->fd.get());
  if (!octets) return std::unexpected(std::move(octets).error());
  stored.octets = *octets;
  return stored;
}

}  // namespace mailbox
