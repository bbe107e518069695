// Files as the mail rooms use them: a descriptor that closes itself, whole writes, bounded reads, durable names.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/file.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <memory>

namespace mailbox {
namespace {

constexpr std::size_t kPiecesACall = 256;  // of IOV_MAX 1024: keeps the array small on the stack
constexpr std::size_t kReadChunk = 65536;
constexpr int kTemporaryTries = 32;
constexpr int kSymlinkBytes = PATH_MAX;

std::string deed(std::string_view verb, const std::string& path) { return "cannot " + std::string(verb) + " " + path; }

// Waits until a nonblocking descriptor takes bytes again.
bool wait_for_room(int fd, std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  pollfd waiting{fd, POLLOUT, 0};
  const int most = static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
  const int ready = poll(&waiting, 1, most);
  if (ready > 0 || (ready < 0 && errno == EINTR)) return true;
  errno = ETIMEDOUT;
  return false;
}

// "7KQ2…": hard to guess is not needed, for O_EXCL decides; it only has to differ between processes and moments.
std::string temporary_name(int attempt) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return "_" + std::to_string(now.tv_sec) + "." + std::to_string(getpid()) + "_" + std::to_string(now.tv_nsec) +
         std::to_string(attempt);
}

// Modes are exact whatever the process's umask was when the file was made.
bool set_mode(int fd, mode_t mode) {
  struct stat now{};
  if (fstat(fd, &now) != 0) return false;
  const mode_t wanted = mode | (now.st_mode & S_ISGID);
  return (now.st_mode & 07777) == wanted || fchmod(fd, wanted) == 0;
}

}  // namespace

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) {
    const int kept = errno;
    close(fd_);
    errno = kept;
  }
  fd_ = fd;
}

Result<UniqueFd> open_at(int directory, const std::string& path, int flags, mode_t mode) {
  UniqueFd fd(openat(directory, path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode));
  if (!fd) return system_failure(deed("open", path));
  return fd;
}

Result<UniqueFd> create_at(int directory, const std::string& path, mode_t mode, int more_flags) {
  UniqueFd fd(
      openat(directory, path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY | more_flags, mode & 07777));
  if (!fd || !set_mode(fd.get(), mode)) return system_failure(deed("create", path));
  return fd;
}

Result<UniqueFd> open_private(int directory, const std::string& path, int flags, bool create) {
  const int careful = flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  UniqueFd fd(openat(directory, path.c_str(), careful));
  if (!fd && errno == ENOENT && create) {
    auto made = create_at(directory, path, 0600, flags & ~(O_RDWR | O_RDONLY | O_WRONLY));
    if (made) return made;
    if (made.error().code != EEXIST) return std::unexpected(std::move(made).error());
    fd.reset(openat(directory, path.c_str(), careful));
  }
  if (!fd) return system_failure(deed("open", path));
  struct stat about{};
  if (fstat(fd.get(), &about) != 0) return system_failure(deed("open", path));
  const bool ours = about.st_uid == geteuid() || about.st_uid == 0;
  if (!S_ISREG(about.st_mode) || about.st_nlink > 1 || !ours) {
    return failure(ErrorKind::Temporary, path + " is not a plain file of our own", EPERM);
  }
  return fd;
}

Result<UniqueFd> open_directory(int directory, const std::string& path) {
  return open_at(directory, path, O_RDONLY | O_DIRECTORY);
}

Result<UniqueFd> make_directory(int directory, const std::string& path, mode_t mode) {
  auto there = open_directory(directory, path);
  if (there || there.error().code != ENOENT) return there;
  const bool made = mkdirat(directory, path.c_str(), mode) == 0;
  if (!made && errno != EEXIST) return system_failure(deed("make directory", path));
  there = open_directory(directory, path);
  if (there && made) {
    if (!set_mode(there->get(), mode)) return system_failure(deed("make directory", path));
    if (auto durable = sync_parent(directory, path); !durable) return std::unexpected(std::move(durable).error());
  }
  return there;
}

Result<Parent> open_parent(int directory, const std::string& path) {
  const auto slash = path.rfind('/');
  Parent parent{UniqueFd(), slash == std::string::npos ? path : path.substr(slash + 1)};
  const std::string where = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (parent.name.empty()) return failure(ErrorKind::Temporary, "\"" + path + "\" names no file", EISDIR);
  auto fd = open_at(directory, where, O_PATH | O_DIRECTORY);
  if (!fd) return std::unexpected(std::move(fd).error());
  parent.fd = std::move(*fd);
  return parent;
}

Result<void> write_all(int fd, std::span<const std::string_view> pieces, std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  std::size_t next = 0;  // the first piece that is not written whole
  std::size_t done = 0;  // how much of it is
  while (next < pieces.size()) {
    std::array<iovec, kPiecesACall> batch;
    std::size_t count = 0;
    for (std::size_t i = next; i < pieces.size() && count < kPiecesACall; ++i) {
      const auto piece = pieces[i].substr(i == next ? done : 0);
      if (!piece.empty())
        batch[count++] = {const_cast<char*>(piece.data()), piece.size()};
      else if (i == next)
        ++next, done = 0;
    }
    if (count == 0) break;
    const ssize_t wrote = writev(fd, batch.data(), static_cast<int>(count));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EAGAIN && wait_for_room(fd, until)) continue;
    if (wrote <= 0) return system_failure("cannot write", wrote == 0 ? ENOSPC : errno);
    for (auto left = static_cast<std::size_t>(wrote); left > 0;) {
      const std::size_t rest = pieces[next].size() - done;
      if (left < rest) {
        done += left;
        break;
      }
      left -= rest, ++next, done = 0;
    }
  }
  return {};
}

Result<void> write_all(int fd, std::string_view bytes) { return write_all(fd, std::span(&bytes, 1)); }

Result<void> sync_file(int fd) {
  while (fsync(fd) != 0) {
    if (errno == EINTR) continue;
    if (errno == EINVAL || errno == EROFS) return {};  // fsync(2): a FIFO, socket or device
    return system_failure("cannot sync");
  }
  return {};
}

Result<void> sync_parent(int directory, const std::string& path) {
  const auto end = path.find_last_not_of('/');
  const auto slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  const std::string where = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  auto fd = open_directory(directory, where);
  if (!fd && fd.error().code == EACCES) return {};  // may be searched and written but not read: nothing can sync it
  if (!fd) return std::unexpected(std::move(fd).error());
  return sync_file(fd->get());
}

ssize_t append_read(int fd, std::string& bytes, std::size_t room) {
  const std::size_t used = bytes.size();
  ssize_t got = 0;
  bytes.resize_and_overwrite(used + room, [&](char* data, std::size_t) {
    got = read(fd, data + used, room);
    return used + static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  });
  return got;
}

Result<std::string> read_bounded(int fd, std::size_t limit) {
  std::string bytes;
  struct stat about{};
  const bool sized = fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
  std::size_t chunk = sized ? std::min(static_cast<std::size_t>(about.st_size), limit) + 1 : kReadChunk;
  for (std::size_t used = 0;;) {
    const auto room = std::min(chunk, limit + 1 - used);
    const ssize_t got = append_read(fd, bytes, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("cannot read");
    used += static_cast<std::size_t>(got);
    if (used > limit) return failure(ErrorKind::Permanent, "longer than " + std::to_string(limit) + " bytes", EFBIG);
    if (got == 0) return bytes;
    chunk = bytes.capacity() > used ? bytes.capacity() - used : std::max(kReadChunk, used);
  }
}

Result<std::string> read_file(int directory, const std::string& path, std::size_t limit) {
  auto fd = open_at(directory, path, O_RDONLY);
  if (!fd) return std::unexpected(std::move(fd).error());
  auto bytes = read_bounded(fd->get(), limit);
  if (!bytes) return std::unexpected(std::move(bytes).error().about(path));
  return bytes;
}

Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view bytes) {
  const auto fresh = name + ".new";
  auto folder = open_directory(AT_FDCWD, directory);
  if (!folder) return std::unexpected(std::move(folder).error());
  if (unlinkat(folder->get(), fresh.c_str(), 0) != 0 && errno != ENOENT) return system_failure("cannot remove " + fresh);
  auto fd = create_at(folder->get(), fresh, 0600);
  if (!fd) return std::unexpected(std::move(fd).error());
  auto done = write_all(fd->get(), bytes);
  if (done) done = sync_file(fd->get());
  if (!done) {
    unlinkat(folder->get(), fresh.c_str(), 0);
    return done;
  }
  if (renameat(folder->get(), fresh.c_str(), folder->get(), name.c_str()) != 0)
    return system_failure("cannot rename " + fresh);
  if (fsync(folder->get()) != 0) return system_failure("cannot sync " + directory);
  return {};
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

bool names_file(int directory, const std::string& path, int fd) {
  struct stat named{}, held{};
  return fstatat(directory, path.c_str(), &named, 0) == 0 && fstat(fd, &held) == 0 && same_file(named, held);
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

std::string path_of(int fd) {
  std::string buffer(kSymlinkBytes, '\0');
  if (fd != AT_FDCWD) {
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t length = readlink(link.c_str(), buffer.data(), buffer.size());
    if (length > 0) return buffer[0] == '/' ? buffer.substr(0, static_cast<std::size_t>(length)) : "";
  }
  // A chroot may have no /proc: then a directory is asked from within.
  const UniqueFd back(fd == AT_FDCWD ? -1 : open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd != AT_FDCWD && (!back || fchdir(fd) != 0)) return "";
  const bool known = getcwd(buffer.data(), buffer.size()) != nullptr && buffer[0] == '/';
  if (back && fchdir(back.get()) != 0) return "";
  return known ? buffer.substr(0, buffer.find('\0')) : "";
}

std::string absolute_path(int directory, const std::string& path) {
  std::string start;
  if (!path.starts_with('/')) {
    start = path_of(directory);
    if (start.empty()) return "";
    start += '/';
  }
  std::string whole = start + path;
  whole = without_slashes(std::move(whole));
  const auto resolve = [](const std::string& name) {
    const std::unique_ptr<char, decltype(&free)> real(realpath(name.c_str(), nullptr), &free);
    return std::string(real ? real.get() : "");
  };
  if (auto real = resolve(whole); !real.empty()) return real;
  const auto slash = whole.rfind('/');
  const auto parent = resolve(slash == 0 ? "/" : whole.substr(0, slash));
  return parent.empty() ? "" : (parent == "/" ? "" : parent) + whole.substr(slash);
}

Result<StagedFile> StagedFile::make(int directory, mode_t mode) {
  UniqueFd fd(openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode & 07777));
  if (fd) {
    // It gets its name through /proc; where there is none, only a file that has a name can get another.
    if (access(("/proc/self/fd/" + std::to_string(fd.get())).c_str(), F_OK) == 0 && set_mode(fd.get(), mode)) {
      return StagedFile(directory, std::move(fd), "");
    }
  } else if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT) {
    return system_failure("cannot create a temporary file");
  }
  for (int attempt = 0; attempt < kTemporaryTries; ++attempt) {
    auto name = temporary_name(attempt);
    auto made = create_at(directory, name, mode);
    if (made) return StagedFile(directory, std::move(*made), std::move(name));
    if (made.error().code != EEXIST) return std::unexpected(std::move(made).error());
  }
  return failure(ErrorKind::Temporary, "cannot create a temporary file: every name is taken", EEXIST);
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : directory_(other.directory_), fd_(std::move(other.fd_)), temporary_(std::exchange(other.temporary_, "")) {}

StagedFile::~StagedFile() {
  if (!temporary_.empty()) unlinkat(directory_, temporary_.c_str(), 0);
}

bool StagedFile::link_as(const std::string& name, int target) {
  const int where = target < 0 ? directory_ : target;
  if (temporary_.empty()) {
    const std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
    return linkat(AT_FDCWD, self.c_str(), where, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  }
  if (linkat(directory_, temporary_.c_str(), where, name.c_str(), 0) == 0) return true;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return false;
  // No hard links here: the temporary name becomes the file's own.
  if (renameat2(directory_, temporary_.c_str(), where, name.c_str(), RENAME_NOREPLACE) != 0) return false;
  temporary_.clear();
  return true;
}

}  // namespace mailbox
