// Lock files that stay: made, waited for and forced as lockfile(1) does, whose locks outlive it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/lockfile_maker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "mailbox/file.h"
#include "mailbox/lock.h"

namespace filter::compat {
namespace {

using std::chrono::milliseconds;

constexpr mode_t kMode = 0444;
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLongestPause{250};  // also how late a signal may be noticed
constexpr int kGrowth = 16;                 // a pause is this part of the time already waited

mode_t process_umask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

std::size_t name_start(const std::string& path) { return path.rfind('/') + 1; }

void sleep_for(milliseconds time) {
  const timespec pause{time.count() / 1000, time.count() % 1000 * 1000000};
  nanosleep(&pause, nullptr);  // a signal ends it early
}

// One try: 0, or why not (errno). EEXIST: somebody holds the lock; then `now` is the time where the lock is.
int try_once(const std::string& path, long& now) {
  if (path.empty()) return ENOENT;
  const std::string folder = path.substr(0, name_start(path)), name = path.substr(name_start(path));
  auto directory = mailbox::open_at(AT_FDCWD, folder.empty() ? "." : folder, O_PATH | O_DIRECTORY);
  if (!directory) return directory.error().code;
  auto staged = mailbox::StagedFile::make(directory->get(), kMode & ~process_umask());
  if (!staged) return staged.error().code;
  struct stat about{};
  if (fstat(staged->fd(), &about) == 0) now = about.st_mtim.tv_sec;
  // Where the disk is full an empty lock does as well.
  static_cast<void>(mailbox::write_all(staged->fd(), "0"));
  return staged->link_as(name.empty() ? "." : name) ? 0 : errno;
}

// The same by dotlockfile(1). It would break a lock after five minutes, so it is not asked while there is one.
int try_by_helper(const std::string& path, long& now) {
  struct stat about{};
  now = time(nullptr);
  if (lstat(path.c_str(), &about) == 0) return EEXIST;
  const int code = mailbox::ask_dotlockfile(path, mailbox::DotlockfileDeed::Lock);
  return code == 0 ? 0 : code == mailbox::kDotlockfileBusy ? EEXIST : EACCES;
}

bool same_lock(const struct stat& a, const struct stat& b) {
  return mailbox::same_file(a, b) && a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace

LockMaker::Outcome LockMaker::make(std::string& path) {
  waited_ = {};
  for (;;) {
    int error = try_once(path, now_);
    if (error == EACCES && may_ask_helper) error = try_by_helper(path, now_);
    if (error == 0) return Outcome::Made;
    if (error == ENAMETOOLONG) {  // one byte less a turn, so it ends
      if (path.size() < name_start(path) + 2) return Outcome::TooLong;
      say_("Truncating \"" + path + "\" and retrying lock");
      path.pop_back();
      continue;
    }
    if (error != EEXIST) return Outcome::Impossible;
    if (interrupted_()) return Outcome::Interrupted;
    const Forced forced = force(path);
    if (forced != Forced::NotStale) {
      say_((forced == Forced::Removed ? "Forcing lock on \"" : "Forced unlock denied on \"") + path + "\"");
      sleep_for(std::max<milliseconds>(std::chrono::seconds(patience.suspend),
                                       forced == Forced::Denied ? kLongestPause : milliseconds(0)));
      continue;
    }
    if (patience.retries == 0) return Outcome::Busy;
    if (patience.retries > 0) --patience.retries;
    wait_for(path, std::chrono::seconds(patience.sleep_time));
  }
}

bool LockMaker::remove(const std::string& path) { return unlink(path.c_str()) == 0 || remove_by_helper(path); }

bool LockMaker::remove_by_helper(const std::string& path) {
  const int reason = errno;
  if (!may_ask_helper || reason == ENOENT) return false;
  const bool removed = mailbox::ask_dotlockfile(path, mailbox::DotlockfileDeed::Unlock) == 0;
  errno = reason;
  return removed;
}

LockMaker::Forced LockMaker::force(const std::string& path) {
  struct stat found{};
  if (patience.lock_timeout == 0 || lstat(path.c_str(), &found) != 0) return Forced::NotStale;
  if (now_ - patience.lock_timeout <= found.st_mtim.tv_sec) return Forced::NotStale;
  const mailbox::UniqueFd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  const bool removed = fd ? mailbox::break_lock(AT_FDCWD, path, fd.get()) : unlink(path.c_str()) == 0;
  if (removed || remove_by_helper(path)) return Forced::Removed;
  return fd && errno == EWOULDBLOCK ? Forced::NotStale : Forced::Denied;
}

void LockMaker::wait_for(const std::string& path, std::chrono::seconds longest) {
  const auto start = std::chrono::steady_clock::now();
  const auto before = waited_;
  struct stat first{}, named{};
  const bool known = lstat(path.c_str(), &first) == 0;
  do {
    auto pause = std::clamp(waited_ / kGrowth, kFirstPause, kLongestPause);
    if (longest.count() > 0) pause = std::min<milliseconds>(pause, longest - (waited_ - before));
    sleep_for(pause);
    waited_ = before + std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start) + kFirstPause;
    if (interrupted_()) return;
    if (lstat(path.c_str(), &named) != 0 || !known || !same_lock(first, named)) return;
  } while (waited_ - before < longest);
}

}  // namespace filter::compat
