// Locks on mail, and the only place that takes them: dotlocks, kernel locks, and the one fixed order of both.
// SPDX-License-Identifier: Apache-2.0
//
//   auto box = open_at(AT_FDCWD, "/var/mail/anna", O_RDWR);
//   auto lock = MailboxLock::take(AT_FDCWD, "/var/mail/anna", box->get(), {.give_up = 30s});
//   if (!lock) return std::unexpected(lock.error());   // Busy: "/var/mail/anna is locked: waited 30 s"
//   …                                                  // append, or move and truncate; held until `lock` goes
//
// The order is always the same (DESIGN.md 2): dotlock, then the kernel lock without waiting (if that is busy both are
// let go, then tried again), then, inside, an account's quota lock. Waits poll: the first pause is a tenth of a
// millisecond and pauses grow with the time already waited, so a queue of writers keeps a disk busy.
//
// A dotlock of ours is known by its content ("sluice PID") and by a kernel lock that its holder keeps on the dotlock
// file itself: where that is gone the holder is dead, and the dotlock is broken at once. One of another program is
// broken when it is older than `stale_after` by the file system's own clock and at most 16 bytes (procmailrc(5)
// LOCKTIMEOUT; PROCMAIL.md 18.3). A process that forks without exec shares its locks with the child.
//
// Names are resolved from a directory's descriptor; it is needed only while a lock is taken. Nothing depends on the
// process's umask. Locks are for local file systems (DESIGN.md 11).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace mailbox {

struct LockWait {
  std::chrono::milliseconds longest_pause{8000};                     // LOCKSLEEP
  std::chrono::seconds stale_after{1024};                            // LOCKTIMEOUT; 0: never
  std::chrono::milliseconds give_up = std::chrono::hours(24 * 365);  // then Busy; 0: one try
  std::function<bool()> interrupted = {};                            // asked before each pause; true: Busy at once
};

// Pauses that grow with the time already waited: a few tries a millisecond at first, one every `longest_pause` at last.
class Backoff {
 public:
  explicit Backoff(const LockWait& wait);
  // False: the time is over, or somebody interrupted.
  bool pause();
  std::chrono::milliseconds waited() const;

 private:
  const LockWait& wait_;  // outlives the Backoff
  std::chrono::steady_clock::time_point start_;
  unsigned jitter_;
};

// A lock file "x.lock" beside what it protects, as lockfile(1), procmail and most mail programs use them.
class DotLock {
 public:
  // `path` is the lock file's own name. Busy: waited too long. NotFound or Temporary (no such directory, no right to
  // write there, disk full): at once. Where the right is missing, the set-gid helper dotlockfile(1) is asked.
  static Result<DotLock> take(int directory, const std::string& path, const LockWait& wait = {});
  DotLock(DotLock&& other) noexcept { *this = std::move(other); }
  DotLock& operator=(DotLock&& other) noexcept;
  ~DotLock() { release(); }

  void release();                              // removes the file if it still is ours; may be called twice
  bool was_forced() const { return forced_; }  // another program's stale lock was broken: 'Forcing lock on "x"'

 private:
  DotLock() = default;
  UniqueFd directory_;
  std::string name_;
  UniqueFd fd_;            // its OFD lock tells the living from the dead
  std::string by_helper_;  // the absolute path, where dotlockfile(1) made the file
  bool forced_ = false;
};

// A write lock of the kernel on all of an open file (OFD: it belongs to the descriptor, and conflicts with other
// programs' fcntl locks). Closing the descriptor lets it go; so does the destructor. The descriptor is borrowed.
class KernelLock {
 public:
  static Result<KernelLock> try_take(int fd);  // Busy: another holds one
  KernelLock(KernelLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  KernelLock& operator=(KernelLock&& other) noexcept;
  ~KernelLock() { release(); }
  void release();

 private:
  explicit KernelLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// The two deeds below are for lock files that outlive their maker (lockfile(1)); DotLock does both by itself.

// Removes the stale lock file behind `fd`. False, with errno: it cannot be removed, or another process is removing it
// (EWOULDBLOCK). Where `name` has become another file there is nothing to do: true.
bool break_lock(int directory, const std::string& name, int fd);

// Asks dotlockfile(1), which is set-gid for the mail spool, to make or remove a lock file (absolute path), without
// waiting. Its exit code: 0 done, kDotlockfileBusy; -1: there is no such program. ForOneself: held while we live.
enum class DotlockfileDeed { Lock, LockForOneself, Unlock };
inline constexpr int kDotlockfileBusy = 4;  // L_MAXTRYS of lockfile_create(3)
int ask_dotlockfile(const std::string& path, DotlockfileDeed deed);

// What whoever changes an mbox holds.
class MailboxLock {
 public:
  struct Options {
    bool dotlock = true;
    std::string extension = ".lock";
    LockWait dot = {};                                              // waiting for other programs' dotlocks
    std::chrono::milliseconds give_up = std::chrono::seconds(960);  // waiting for the kernel lock: TIMEOUT
  };
  // Waits for both locks. Busy: a wait was too long. A dotlock that cannot be made for another reason does not stop
  // anybody (PROCMAIL.md 18.4): `dotlock_error` then says why, and the kernel lock alone is held.
  static Result<MailboxLock> take(int directory, const std::string& path, int fd, const Options& options);
  static Result<MailboxLock> take(int directory, const std::string& path, int fd) {
    return take(directory, path, fd, Options());
  }

  const std::string& dotlock_error() const { return dotlock_error_; }  // empty: held, or not asked for
  bool was_forced() const { return dot_ && dot_->was_forced(); }

 private:
  MailboxLock(std::optional<DotLock> dot, KernelLock kernel, std::string dotlock_error)
      : dot_(std::move(dot)), kernel_(std::move(kernel)), dotlock_error_(std::move(dotlock_error)) {}
  std::optional<DotLock> dot_;  // destroyed last: the kernel lock goes first
  KernelLock kernel_;
  std::string dotlock_error_;
};

// A lock file of our own that stays where it is (quota, POP3 session): made 0600, locked by the kernel, never removed,
// so that its content may say who holds it. Not for names that other programs lock.
class FileLock {
 public:
  // Waits at most `give_up` (0: one try), then Busy.
  static Result<FileLock> take(int directory, const std::string& path, std::chrono::milliseconds give_up);
  // A lock that release() let go to another process, and that comes back: `fd` must be open on the file that `path`
  // names, else Permanent. Busy: somebody else holds the lock by now.
  static Result<FileLock> adopt(UniqueFd fd, int directory, const std::string& path);
  int fd() const { return fd_.get(); }           // open for reading and writing
  UniqueFd release() { return std::move(fd_); }  // still locked: the lock goes where the descriptor goes

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace mailbox
