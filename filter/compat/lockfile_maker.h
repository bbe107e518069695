// Lock files that stay: made, waited for and forced as lockfile(1) does, whose locks outlive it.
// SPDX-License-Identifier: Apache-2.0
//
//   LockMaker maker([](const std::string& line) { … });
//   maker.patience.retries = 3;
//   std::string path = "box.lock";
//   if (maker.make(path) == LockMaker::Outcome::Made) …   // the file is there, and nobody else made it
//
// A lock file of this kind holds "0", mode 0444 less the umask, and no kernel lock, for nobody may live to keep one;
// mailbox/lock.h's locks, which are marked, break when their holder dies. Whoever removes the file lets go.
//
// While a lock is busy its name is looked at after a millisecond and then ever less often (CONTRACT 5.5 for
// procmail's own locks); only a whole sleep time uses up a retry, so giving up takes as long as it always did.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace filter::compat {

class LockMaker {
 public:
  enum class Outcome {
    Made,
    Busy,         // the retries are used up
    Interrupted,  // a signal came while it was busy
    Impossible,   // no such directory, no right to write there, …
    TooLong,      // the name, whatever is cut off its end
  };
  struct Patience {
    int sleep_time = 8;    // seconds between two tries
    int retries = -1;      // left; negative: for ever. Used up by all files together
    int lock_timeout = 0;  // a lock older than these seconds is removed; 0: none is
    int suspend = 16;      // seconds that are slept then
  };
  // What to tell the user: 'Forcing lock on "x"'.
  using Say = std::function<void(const std::string& line)>;
  // Whether a signal asks to stop.
  using Interrupted = std::function<bool()>;

  LockMaker(Say say, Interrupted interrupted) : say_(std::move(say)), interrupted_(std::move(interrupted)) {}

  // `path` gets shorter where the system says that it is too long. Nothing is left behind unless Made.
  Outcome make(std::string& path);
  // Removes a lock file; false: it is not there, or may not be removed.
  bool remove(const std::string& path);

  Patience patience;
  bool may_ask_helper = false;  // dotlockfile(1), where our own right is missing: for the system mailbox's lock

 private:
  enum class Forced { NotStale, Removed, Denied };
  Forced force(const std::string& path);
  bool remove_by_helper(const std::string& path);
  void wait_for(const std::string& path, std::chrono::seconds longest);

  Say say_;
  Interrupted interrupted_;
  long now_ = 0;                        // of the file system that the last try was on
  std::chrono::milliseconds waited_{};  // for this file so far
};

}  // namespace filter::compat
