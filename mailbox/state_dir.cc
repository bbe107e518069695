// An account's state directory: what Sluice remembers about a mailbox, outside of it (DESIGN.md 6).
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/state_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "mailbox/file.h"

namespace mailbox {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr mode_t kPrivate = 0700;
constexpr mode_t kPassable = 0711;  // the parent: accounts reach their own directory, and see no other's name
constexpr int kTries = 3;           // another process may make or set aside the same directory meanwhile

Result<UniqueFd> open_without_link(int parent, const std::string& name) {
  UniqueFd fd(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return system_failure("cannot open state directory " + name);
  return fd;
}

// Gives what was just made, or was left half made by a process that died, to the account.
Result<void> hand_over(int fd, const std::string& path, const struct stat& about, uid_t uid, gid_t gid) {
  if (about.st_uid != uid && fchown(fd, uid, gid) != 0)
    return system_failure("cannot give " + path + " to its account");
  if ((about.st_mode & 07777) != kPrivate && fchmod(fd, kPrivate) != 0) return system_failure("cannot protect " + path);
  return {};
}

// One try. False: the directory of another uid was set aside; try again.
Result<bool> try_ensure(int parent, const std::string& path, const std::string& user, uid_t uid, gid_t gid) {
  if (mkdirat(parent, user.c_str(), kPrivate) != 0 && errno != EEXIST) return system_failure("cannot make " + path);
  auto fd = open_without_link(parent, user);
  if (!fd) return std::unexpected(std::move(fd).error().about(path));
  struct stat about{};
  if (fstat(fd->get(), &about) != 0) return system_failure("cannot look at " + path);
  const bool root = geteuid() == 0;
  if (about.st_uid == uid || (root && about.st_uid == 0)) {
    if (auto done = hand_over(fd->get(), path, about, uid, gid); !done) return std::unexpected(done.error());
    return true;
  }
  if (!root) return failure(ErrorKind::Temporary, path + " belongs to uid " + std::to_string(about.st_uid), EPERM);
  const auto aside = "." + user.substr(0, kLongestName - 12) + "." + std::to_string(about.st_uid);
  if (renameat(parent, user.c_str(), parent, aside.c_str()) != 0 && errno != ENOENT) {
    return system_failure("cannot set aside " + path + " of uid " + std::to_string(about.st_uid));
  }
  return false;
}

}  // namespace

bool is_state_name(std::string_view user) {
  return !user.empty() && user.size() <= kLongestName && user.front() != '.' && std::ranges::none_of(user, [](char c) {
    return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

Result<std::string> ensure_state(const std::string& state_dir, const std::string& user, std::optional<uid_t> uid,
                                 std::optional<gid_t> gid) {
  if (!is_state_name(user)) return failure(ErrorKind::Permanent, "no state directory can have this account's name");
  auto parent = make_directory(AT_FDCWD, state_dir, geteuid() == 0 ? kPassable : kPrivate);
  if (!parent) return std::unexpected(std::move(parent).error());
  const auto path = state_dir + "/" + user;
  for (int i = 0; i < kTries; ++i) {
    auto done = try_ensure(parent->get(), path, user, uid.value_or(geteuid()), gid.value_or(getegid()));
    if (!done) return std::unexpected(std::move(done).error());
    if (*done) return path;
  }
  return failure(ErrorKind::Temporary, path + " keeps changing");
}

}  // namespace mailbox
