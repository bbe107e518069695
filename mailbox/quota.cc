// How much an account may keep: asked under a lock of the account's own before an append (CONTRACT.md 6, DESIGN.md 7).
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/quota.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/lock.h"

namespace mailbox {
namespace {

constexpr std::chrono::seconds kLockWait{120};
constexpr int kDeepest = 64;                 // folders in folders
constexpr std::size_t kMostOutside = 10000;  // destinations outside `folders` that are remembered
constexpr std::size_t kOutsideBytes = std::size_t{8} << 20;
constexpr off_t kLockFileBytes = 16;
constexpr const char* kLockName = "quota.lock";
constexpr const char* kOutsideName = "folders";  // in `state`: absolute paths, each ended by a NUL

using FileId = std::pair<dev_t, ino_t>;
FileId id_of(const struct stat& about) { return {about.st_dev, about.st_ino}; }

struct CloseDirectory {
  void operator()(DIR* entries) const { closedir(entries); }
};
using Entries = std::unique_ptr<DIR, CloseDirectory>;

Result<Entries> read_entries(UniqueFd fd) {
  Entries entries(fdopendir(fd.get()));
  if (!entries) return system_failure("cannot read a folder");
  fd.release();
  return entries;
}

// Lock files come and go, and are no mail: small, and nobody may write to them.
bool is_lock_file(const struct stat& about) {
  return about.st_size <= kLockFileBytes && (about.st_mode & 0777) == 0444;
}

// Sums up files below folders, each once however many names it has. Links are not followed. What vanishes while we
// look is not there; what cannot be read is not the account's.
class Walk {
 public:
  explicit Walk(std::set<FileId> left_out) : left_out_(std::move(left_out)) {}

  Result<void> add(int directory, const char* name, int depth = 0) {
    struct stat about{};
    if (fstatat(directory, name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
      return is_absence(errno) ? Result<void>() : system_failure("cannot examine " + std::string(name));
    }
    if (left_out_.contains(id_of(about))) return {};
    if (S_ISREG(about.st_mode)) return count(about);
    if (!S_ISDIR(about.st_mode) || depth >= kDeepest || !seen_.insert(id_of(about)).second) return {};
    UniqueFd fd(openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return is_absence(errno) ? Result<void>() : system_failure("cannot open " + std::string(name));
    auto entries = read_entries(std::move(fd));
    if (!entries) return std::unexpected(std::move(entries).error());
    return add_all(entries->get(), depth);
  }
  std::uint64_t octets() const { return octets_; }

 private:
  static bool is_absence(int code) { return code == ENOENT || code == ENOTDIR || code == ELOOP || code == EACCES; }
  Result<void> count(const struct stat& about) {
    if (is_lock_file(about) || !seen_.insert(id_of(about)).second) return {};
    octets_ += static_cast<std::uint64_t>(std::max<off_t>(about.st_size, 0));
    return {};
  }
  Result<void> add_all(DIR* entries, int depth) {
    for (errno = 0; const dirent* entry = readdir(entries); errno = 0) {
      const std::string_view name(entry->d_name);
      if (name == "." || name == "..") continue;
      if (auto done = add(dirfd(entries), entry->d_name, depth + 1); !done) return done;
    }
    return errno == 0 ? Result<void>() : system_failure("cannot read a folder");
  }

  std::set<FileId> left_out_;
  std::set<FileId> seen_;  // of files and folders counted: one with two names counts once
  std::uint64_t octets_ = 0;
};

std::optional<FileId> identity(int directory, const std::string& path) {
  struct stat about{};
  if (path.empty() || fstatat(directory, path.c_str(), &about, 0) != 0) return std::nullopt;
  return id_of(about);
}

// Whether `path` is the inbox, by file or, where neither exists yet, by name.
bool is_inbox(int directory, const std::string& path, const std::string& inbox) {
  const auto here = identity(directory, path);
  const auto there = identity(AT_FDCWD, without_slashes(inbox));
  if (here || there) return here == there;
  const auto name = absolute_path(directory, path);
  return !name.empty() && name == absolute_path(AT_FDCWD, inbox);
}

Result<std::uint64_t> inbox_octets(const std::string& inbox) {
  struct stat about{};
  if (inbox.empty() || stat(without_slashes(inbox).c_str(), &about) != 0) {
    return inbox.empty() || errno == ENOENT || errno == ENOTDIR ? Result<std::uint64_t>(0)
                                                                : system_failure("cannot examine " + inbox);
  }
  if (!S_ISDIR(about.st_mode)) {
    return S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(std::max<off_t>(about.st_size, 0)) : 0;
  }
  Walk walk({});
  for (const char* part : {"/new", "/cur"}) {
    const auto path = without_slashes(inbox) + part;
    if (auto done = walk.add(AT_FDCWD, path.c_str(), kDeepest - 1); !done) return std::unexpected(done.error());
  }
  return walk.octets();
}

std::vector<std::string> split_at_nul(std::string_view text) {
  std::vector<std::string> parts;
  for (auto end = text.find('\0'); end != std::string_view::npos; end = text.find('\0')) {
    if (end > 1 && text[0] == '/') parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return parts;
}

// The destinations outside `folders` that deliveries have used. What is torn or strange in the file is passed over.
Result<std::vector<std::string>> read_outside(const std::string& state) {
  if (state.empty()) return std::vector<std::string>();
  auto fd = open_private(AT_FDCWD, state + "/" + kOutsideName, O_RDONLY);
  if (!fd) {
    if (fd.error().is_not_found() || fd.error().code == EACCES) return std::vector<std::string>();
    return std::unexpected(std::move(fd).error());
  }
  auto text = read_bounded(fd->get(), kOutsideBytes);
  if (!text) return std::unexpected(std::move(text).error().about(state + "/" + kOutsideName));
  return split_at_nul(*text);
}

bool is_beneath(const std::string& path, const std::string& root) {
  return !root.empty() && path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

// Remembers a destination for the next count; called under the quota lock. An account without a usable state directory
// goes without.
Result<void> remember(const std::string& state, const std::vector<std::string>& known, const std::string& path) {
  if (state.empty() || path.empty() || std::ranges::find(known, path) != known.end()) return {};
  if (known.size() >= kMostOutside) {
    return failure(ErrorKind::OverQuota, "more than " + std::to_string(kMostOutside) + " folders", EDQUOT);
  }
  auto fd = open_private(AT_FDCWD, state + "/" + kOutsideName, O_WRONLY | O_APPEND, true);
  if (!fd) return {};
  // A NUL in front ends a torn piece that a killed delivery may have left.
  if (write_all(fd->get(), std::string(1, '\0') + path + std::string(1, '\0'))) std::ignore = sync_file(fd->get());
  return {};  // mail matters more: on a full disk this folder stays uncounted until its next delivery
}

// What is the inbox's and not a folder's: its file, or the three parts of a Maildir, whose subfolders are folders.
std::set<FileId> inbox_files(const std::string& inbox) {
  std::set<FileId> files;
  const auto base = without_slashes(inbox);
  const bool maildir = identity(AT_FDCWD, base + "/cur").has_value();
  for (const auto& name : maildir ? std::vector<std::string>{base + "/new", base + "/cur", base + "/tmp"}
                                  : std::vector<std::string>{base}) {
    if (const auto id = identity(AT_FDCWD, name)) files.insert(*id);
  }
  return files;
}

Result<std::uint64_t> folder_octets(const Quota::Options& options, const std::vector<std::string>& outside) {
  Walk walk(inbox_files(options.inbox));
  // The root itself may be a link that the admin made.
  const auto root = options.folders.empty() ? "" : absolute_path(AT_FDCWD, options.folders);
  if (!root.empty()) {
    if (auto done = walk.add(AT_FDCWD, root.c_str()); !done) return std::unexpected(done.error());
  }
  for (const auto& path : outside) {
    if (auto done = walk.add(AT_FDCWD, path.c_str()); !done) return std::unexpected(done.error());
  }
  return walk.octets();
}

std::string human(std::uint64_t octets) {
  constexpr std::string_view kUnits = "KMGTPE";
  if (octets < 1024) return std::to_string(octets) + " bytes";
  std::size_t unit = 0;
  std::uint64_t scale = 1024;
  while (unit + 1 < kUnits.size() && octets / scale >= 1024) scale *= 1024, ++unit;
  const auto whole = octets / scale;
  const auto tenth = octets % scale / (scale / 10 + (scale % 10 != 0 ? 1 : 0));
  return std::to_string(whole) + (tenth > 0 ? "." + std::to_string(tenth) : "") + " " + kUnits[unit] + "B (" +
         std::to_string(octets) + " bytes)";
}

std::unexpected<Error> over(std::string_view what, std::uint64_t would_be, std::uint64_t limit) {
  return failure(ErrorKind::OverQuota,
                 std::string(what) + " would be " + human(would_be) + ", the limit is " + human(limit), EDQUOT);
}

class LockedRoom : public Quota::Room {
 public:
  std::optional<FileLock> lock;
};

// The account's quota lock, where its state directory can hold one.
Result<std::unique_ptr<LockedRoom>> lock_account(const std::string& state) {
  auto room = std::make_unique<LockedRoom>();
  if (state.empty()) return room;
  auto lock = FileLock::take(AT_FDCWD, state + "/" + kLockName, kLockWait);
  if (lock)
    room->lock = std::move(*lock);
  else if (lock.error().is_busy())
    return std::unexpected(std::move(lock).error());
  return room;
}

}  // namespace

Quota::Quota(Options options) : options_(std::move(options)) {}

Result<std::unique_ptr<Quota::Room>> Quota::reserve(int directory, const std::string& path, std::uint64_t growth) {
  const bool inbox = is_inbox(directory, path, options_.inbox);
  const auto limit = inbox ? options_.inbox_limit : options_.folders_limit;
  if (inbox && limit == 0) return std::make_unique<LockedRoom>();
  auto room = lock_account(options_.state);
  if (!room) return std::unexpected(std::move(room).error());
  if (inbox) {
    auto used = inbox_octets(options_.inbox);
    if (!used) return std::unexpected(std::move(used).error());
    if (growth > limit || *used > limit - growth) return over("the inbox", *used + growth, limit);
    return std::move(*room);
  }
  auto outside = read_outside(options_.state);
  if (!outside) return std::unexpected(std::move(outside).error());
  const auto name = absolute_path(directory, path);
  if (limit > 0) {
    // Also what is not yet remembered: it may have been there before its first delivery.
    auto counted = *outside;
    if (!name.empty()) counted.push_back(name);
    auto used = folder_octets(options_, counted);
    if (!used) return std::unexpected(std::move(used).error());
    if (growth > limit || *used > limit - growth) return over("all other folders together", *used + growth, limit);
  }
  const auto root = options_.folders.empty() ? "" : absolute_path(AT_FDCWD, options_.folders);
  if (!is_beneath(name, root)) {
    if (auto done = remember(options_.state, *outside, name); !done) return std::unexpected(done.error());
  }
  if (limit == 0) (*room)->lock.reset();  // nothing to keep others from
  return std::move(*room);
}

Result<Quota::Usage> Quota::usage() {
  auto outside = read_outside(options_.state);
  if (!outside) return std::unexpected(std::move(outside).error());
  auto inbox = inbox_octets(options_.inbox);
  if (!inbox) return std::unexpected(std::move(inbox).error());
  auto folders = folder_octets(options_, *outside);
  if (!folders) return std::unexpected(std::move(folders).error());
  return Usage{.inbox = *inbox, .folders = *folders};
}

}  // namespace mailbox
