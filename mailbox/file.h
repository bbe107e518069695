// Files as the mail rooms use them: a descriptor that closes itself, whole writes, bounded reads, durable names.
// SPDX-License-Identifier: Apache-2.0
//
//   auto file = open_at(place.directory, "lists/dev", O_WRONLY | O_APPEND);
//   if (!file) return std::unexpected(file.error());            // "cannot open lists/dev: Permission denied"
//   if (auto done = write_all(file->get(), {{header, body}}); !done) …
//   if (auto done = sync_file(file->get()); !done) …
//
// Every name is resolved from a directory's descriptor (AT_FDCWD is allowed), never from the process's idea of one, and
// modes are exact: the process's umask does not matter. Errors carry errno in Error::code. Descriptors are
// close-on-exec.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "mailbox/result.h"

namespace mailbox {

// Owns a descriptor. -1: none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);  // closes what was held; errno is kept

 private:
  int fd_ = -1;
};

// Opens a name, links followed. `mode` counts only with O_CREAT and passes through the process's umask: files that are
// to have an exact mode come from create_at().
Result<UniqueFd> open_at(int directory, const std::string& path, int flags, mode_t mode = 0);

// Makes a new file of exactly this mode, open for reading and writing. Error::code EEXIST: the name is taken, be it by
// a dangling link.
Result<UniqueFd> create_at(int directory, const std::string& path, mode_t mode, int more_flags = 0);

// For names in a place where others can write (a state directory, /var/mail): never follows a link at the name, never
// waits for a FIFO, and takes only a regular file with one name that is ours or root's. `create`: makes it, mode 0600.
Result<UniqueFd> open_private(int directory, const std::string& path, int flags, bool create = false);

// A directory for reading and syncing; `make_directory` makes it where it is missing (exact mode, set-gid kept).
Result<UniqueFd> open_directory(int directory, const std::string& path);
Result<UniqueFd> make_directory(int directory, const std::string& path, mode_t mode);

// Where a path's last part lives: `fd` is that directory, for use with the *at calls only (O_PATH); `name` the part.
struct Parent {
  UniqueFd fd;
  std::string name;
};
Result<Parent> open_parent(int directory, const std::string& path);

// Writes all pieces in order, with as few calls as the system allows. An error may come after some bytes: Error::code.
// On a descriptor with O_NONBLOCK it waits for room, at most `patience`, then fails with ETIMEDOUT.
// The process ignores SIGPIPE and SIGXFSZ, so that those come as EPIPE and EFBIG.
Result<void> write_all(int fd, std::span<const std::string_view> pieces,
                       std::chrono::milliseconds patience = std::chrono::minutes(16));
Result<void> write_all(int fd, std::string_view bytes);

// On disk when it returns. What cannot be synced (FIFO, terminal, device) counts as done.
Result<void> sync_file(int fd);
// Makes names that were added to or taken from the directory of `path` durable.
Result<void> sync_parent(int directory, const std::string& path);

// One read(2) of at most `room` bytes, which are appended; what it returned. No memory is touched that nothing is read
// into: at the start of a program pages are what costs most.
ssize_t append_read(int fd, std::string& bytes, std::size_t room);
// Reads to the end. More than `limit` bytes are an error (EFBIG), never cut.
Result<std::string> read_bounded(int fd, std::size_t limit);
Result<std::string> read_file(int directory, const std::string& path, std::size_t limit);

// The file NAME of a directory (mode 0600) has these bytes, on disk, or what it had. A process that is killed leaves
// NAME.new behind, which the next one removes: callers hold a lock.
Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view bytes);

// True where both describe one file.
bool same_file(const struct stat& a, const struct stat& b);
// True where `path`, links followed, still is the file behind `fd`.
bool names_file(int directory, const std::string& path, int fd);
// "lists/dev//" becomes "lists/dev"; "/" stays.
std::string without_slashes(std::string path);
// Where the file behind a descriptor is now; empty where that cannot be told. Without /proc only a directory can be asked,
// and the process's working directory is another for that moment.
std::string path_of(int fd);
// The absolute path of a name whose last part need not exist: links in its directory are resolved, a link at its end
// is followed when it leads somewhere. Empty where that cannot be told.
std::string absolute_path(int directory, const std::string& path);

// A file that nobody sees until it is complete: written without a name (or under "_…" where the file system cannot do
// that), then linked to one. Without a link_as() nothing stays behind.
//
//   auto staged = StagedFile::make(directory, 0600);
//   write_all(staged->fd(), …); sync_file(staged->fd());
//   if (!staged->link_as("3") && errno == EEXIST) …        // taken: try "4"
class StagedFile {
 public:
  static Result<StagedFile> make(int directory, mode_t mode);  // borrows `directory`
  StagedFile(StagedFile&&) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  int fd() const { return fd_.get(); }
  // Gives it a name in `target` (its own directory by default); false: errno says why (EEXIST: the name is taken).
  bool link_as(const std::string& name, int target = -1);
  UniqueFd take_fd() { return std::move(fd_); }

 private:
  StagedFile(int directory, UniqueFd fd, std::string temporary)
      : directory_(directory), fd_(std::move(fd)), temporary_(std::move(temporary)) {}
  int directory_;
  UniqueFd fd_;
  std::string temporary_;  // empty: it has no name yet
};

}  // namespace mailbox
