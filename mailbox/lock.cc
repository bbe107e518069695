// Locks on mail, and the only place that takes them: dotlocks, kernel locks, and the one fixed order of both.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/lock.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>

namespace mailbox {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr microseconds kFirstPause{100};
constexpr int kGrowth = 16;                    // a pause is this part of the time already waited
constexpr std::string_view kMark = "sluice ";  // then the pid: 15 bytes at most, so that procmail may force it too
constexpr off_t kMostForced = 16;              // larger files are no locks (procmail's rule, and the manual's)
constexpr int kBreaksInARow = 100;
constexpr const char* kHelper = "/usr/bin/dotlockfile";

std::string seconds_text(milliseconds time) {
  return time < std::chrono::seconds(10) ? std::to_string(time.count()) + " ms"
                                         : std::to_string(time.count() / 1000) + " s";
}

std::unexpected<Error> too_long(const std::string& path, const Backoff& backoff) {
  return failure(ErrorKind::Busy, path + " is locked: waited " + seconds_text(backoff.waited()), EAGAIN);
}

bool kernel_lock(int fd, short kind) {
  struct flock whole{};
  whole.l_type = kind;
  whole.l_whence = SEEK_SET;
  int result;
  do result = fcntl(fd, F_OFD_SETLK, &whole);
  while (result != 0 && errno == EINTR);
  return result == 0;
}

enum class Obstacle { Gone, Held, Forced };  // what became of a lock file in our way

bool is_marked(int fd) {
  std::array<char, kMark.size()> start;
  return pread(fd, start.data(), start.size(), 0) == static_cast<ssize_t>(start.size()) &&
         std::string_view(start.data(), start.size()) == kMark;
}

// By the file system's own clock, which may be another machine's: a file of ours is touched and compared.
bool is_older(const struct stat& lock, int ours, std::chrono::seconds limit) {
  struct stat now{};
  if (limit.count() <= 0 || futimens(ours, nullptr) != 0 || fstat(ours, &now) != 0) return false;
  return now.st_mtim.tv_sec - lock.st_mtim.tv_sec > limit.count();
}

Obstacle examine(int directory, const std::string& name, int ours, const LockWait& wait) {
  UniqueFd fd(openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat about{};
  if (!fd) {  // unreadable: it can be judged by its age only
    if (fstatat(directory, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
      return errno == ENOENT ? Obstacle::Gone : Obstacle::Held;
    }
  } else if (fstat(fd.get(), &about) != 0) {
    return Obstacle::Held;
  }
  if (!S_ISREG(about.st_mode) || about.st_size > kMostForced) return Obstacle::Held;
  if (fd && is_marked(fd.get()) && kernel_lock(fd.get(), F_RDLCK)) {
    return break_lock(directory, name, fd.get()) ? Obstacle::Gone : Obstacle::Held;
  }
  if (!is_older(about, ours, wait.stale_after)) return Obstacle::Held;
  const bool broken = fd ? break_lock(directory, name, fd.get()) : unlinkat(directory, name.c_str(), 0) == 0;
  return broken ? Obstacle::Forced : Obstacle::Held;
}

Result<void> take_by_helper(const std::string& path, const LockWait& wait) {
  for (Backoff backoff(wait);;) {
    const int code = ask_dotlockfile(path, DotlockfileDeed::LockForOneself);
    if (code == 0) return {};
    if (code != kDotlockfileBusy) return system_failure("cannot lock " + path, EACCES);
    if (!backoff.pause()) return too_long(path, backoff);
  }
}

}  // namespace

// This is tricky: two processes may find the same lock stale, and the slower must not remove the lock that the faster
// has made since. So 1. whoever breaks a lock holds flock(2) on it; 2. then looks whether the name still is that file:
// from here on nobody of ours can change that; 3. removes the name.
bool break_lock(int directory, const std::string& name, int fd) {
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return false;
  struct stat held{}, named{};
  if (fstat(fd, &held) != 0) return false;
  if (fstatat(directory, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) return errno == ENOENT;
  return !same_file(held, named) || unlinkat(directory, name.c_str(), 0) == 0;
}

int ask_dotlockfile(const std::string& path, DotlockfileDeed deed) {
  if (path.empty() || access(kHelper, X_OK) != 0) return -1;
  const bool keeps = deed == DotlockfileDeed::LockForOneself;
  const char* const action = deed == DotlockfileDeed::Unlock ? "-u" : keeps ? "-lp" : "-l";
  std::array<const char*, 6> words{kHelper, action, "-r", "0", path.c_str(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, kHelper, nullptr, nullptr, const_cast<char**>(words.data()), environment.data()) != 0) {
    return -1;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Backoff::Backoff(const LockWait& wait)
    : wait_(wait), start_(Clock::now()), jitter_(static_cast<unsigned>(getpid()) * 2654435761U) {}

milliseconds Backoff::waited() const { return std::chrono::duration_cast<milliseconds>(Clock::now() - start_); }

bool Backoff::pause() {
  if (wait_.interrupted && wait_.interrupted()) return false;
  const auto waited = std::chrono::duration_cast<microseconds>(Clock::now() - start_);
  const auto left = std::chrono::duration_cast<microseconds>(wait_.give_up) - waited;
  if (left.count() <= 0) return false;
  const auto longest = std::max(std::chrono::duration_cast<microseconds>(wait_.longest_pause), kFirstPause);
  auto next = std::min(kFirstPause + waited / kGrowth, longest);
  jitter_ = jitter_ * 1664525U + 1013904223U;  // so that those who wait do not all come back at one moment
  next -= next * static_cast<long>(jitter_ >> 24) / 512;
  next = std::min(next, left);
  const timespec sleep{static_cast<time_t>(next.count() / 1000000), static_cast<long>(next.count() % 1000000) * 1000};
  nanosleep(&sleep, nullptr);  // a signal ends it early, and `interrupted` is asked at once
  return true;
}

Result<DotLock> DotLock::take(int directory, const std::string& path, const LockWait& wait) {
  auto parent = open_parent(directory, path);
  if (!parent) return std::unexpected(std::move(parent).error().about("cannot lock " + path));
  DotLock lock;
  lock.directory_ = std::move(parent->fd);
  lock.name_ = std::move(parent->name);
  auto staged = StagedFile::make(lock.directory_.get(), 0444);
  if (!staged && staged.error().code == EACCES) {
    auto helper_path = absolute_path(directory, path);
    if (auto held = take_by_helper(helper_path, wait); !held) return std::unexpected(std::move(held).error());
    lock.by_helper_ = std::move(helper_path);
    return lock;
  }
  if (!staged) return std::unexpected(std::move(staged).error().about("cannot lock " + path));
  if (auto done = write_all(staged->fd(), std::string(kMark) + std::to_string(getpid()) + "\n"); !done) {
    return std::unexpected(std::move(done).error().about("cannot lock " + path));
  }
  if (!kernel_lock(staged->fd(), F_WRLCK)) return system_failure("cannot lock " + path);
  int breaks = 0;
  for (Backoff backoff(wait);;) {
    if (staged->link_as(lock.name_)) break;
    if (errno != EEXIST) return system_failure("cannot lock " + path);
    const auto obstacle = examine(lock.directory_.get(), lock.name_, staged->fd(), wait);
    if (obstacle == Obstacle::Forced) lock.forced_ = true;
    if (obstacle != Obstacle::Held && ++breaks < kBreaksInARow) continue;
    breaks = 0;
    if (!backoff.pause()) return too_long(path, backoff);
  }
  futimens(staged->fd(), nullptr);  // its age counts from now, not from when the wait began
  lock.fd_ = staged->take_fd();
  return lock;
}

DotLock& DotLock::operator=(DotLock&& other) noexcept {
  if (this != &other) {
    release();
    directory_ = std::move(other.directory_);
    name_ = std::move(other.name_);
    fd_ = std::move(other.fd_);
    by_helper_ = std::exchange(other.by_helper_, "");
    forced_ = other.forced_;
  }
  return *this;
}

void DotLock::release() {
  const int kept = errno;
  if (!by_helper_.empty()) ask_dotlockfile(std::exchange(by_helper_, ""), DotlockfileDeed::Unlock);
  struct stat held{}, named{};
  if (fd_ && fstat(fd_.get(), &held) == 0 &&
      fstatat(directory_.get(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && same_file(held, named)) {
    unlinkat(directory_.get(), name_.c_str(), 0);
  }
  fd_.reset();  // only now: a lock file without its kernel lock counts as stale
  directory_.reset();
  errno = kept;
}

Result<KernelLock> KernelLock::try_take(int fd) {
  if (kernel_lock(fd, F_WRLCK)) return KernelLock(fd);
  if (errno == EAGAIN || errno == EACCES) return failure(ErrorKind::Busy, "locked by another process", errno);
  return system_failure("cannot take a kernel lock");
}

KernelLock& KernelLock::operator=(KernelLock&& other) noexcept {
  if (this != &other) {
    release();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void KernelLock::release() {
  const int kept = errno;
  if (fd_ >= 0) kernel_lock(std::exchange(fd_, -1), F_UNLCK);
  errno = kept;
}

Result<MailboxLock> MailboxLock::take(int directory, const std::string& path, int fd, const Options& options) {
  LockWait wait = options.dot;
  wait.give_up = options.give_up;
  bool wants_dotlock = options.dotlock;
  std::string dotlock_error;
  for (Backoff backoff(wait);;) {
    std::optional<DotLock> dot;
    if (wants_dotlock) {
      auto taken = DotLock::take(directory, path + options.extension, options.dot);
      if (!taken && taken.error().is_busy()) return std::unexpected(std::move(taken).error());
      if (taken) {
        dot = std::move(*taken);
      } else {
        wants_dotlock = false;
        dotlock_error = std::move(taken).error().text;
      }
    }
    auto kernel = KernelLock::try_take(fd);
    if (kernel) return MailboxLock(std::move(dot), std::move(*kernel), std::move(dotlock_error));
    if (!kernel.error().is_busy()) return std::unexpected(std::move(kernel).error().about(path));
    dot.reset();  // never wait for the kernel's lock with a dotlock in hand: others take them the other way round
    if (!backoff.pause()) return too_long(path, backoff);
  }
}

Result<FileLock> FileLock::take(int directory, const std::string& path, milliseconds give_up) {
  auto fd = open_private(directory, path, O_RDWR, true);
  if (!fd) return std::unexpected(std::move(fd).error());
  const LockWait wait{.longest_pause = milliseconds(250), .give_up = give_up, .interrupted = {}};
  for (Backoff backoff(wait);;) {
    if (kernel_lock(fd->get(), F_WRLCK)) return FileLock(std::move(*fd));
    if (errno != EAGAIN && errno != EACCES) return system_failure("cannot lock " + path);
    if (!backoff.pause()) return too_long(path, backoff);
  }
}

Result<FileLock> FileLock::adopt(UniqueFd fd, int directory, const std::string& path) {
  if (!fd || !names_file(directory, path, fd.get())) return failure(ErrorKind::Permanent, path + " is another file");
  if (kernel_lock(fd.get(), F_WRLCK)) return FileLock(std::move(fd));
  if (errno == EAGAIN || errno == EACCES) return failure(ErrorKind::Busy, path + " is locked by another process");
  return system_failure("cannot lock " + path);
}

}  // namespace mailbox
