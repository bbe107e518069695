// A Maildir: new, cur and tmp, a file a message, and names that nobody else chooses.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/maildir.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "mailbox/mbox.h"

namespace mailbox {
namespace {

constexpr int kNameTries = 32;

}  // namespace

std::string maildir_name(std::time_t time, pid_t pid, std::uint64_t n, std::string_view host) {
  std::string name = std::to_string(time) + "." + std::to_string(pid) + "_" + std::to_string(n) + ".";
  for (const char c : host) {
    if (c == '/')
      name += "\\057";
    else if (c == ':')
      name += "\\072";
    else if (c == '\\')
      name += "\\134";
    else
      name += c;
  }
  return name;
}

Result<Maildir> Maildir::open(const Place& place, const std::string& path) {
  const mode_t mode = 0777 & ~place.umask;
  auto root = make_directory(place.directory, path, mode);
  if (!root) return std::unexpected(std::move(root).error());
  std::array<UniqueFd, 3> parts;
  const std::array<const char*, 3> names{"new", "cur", "tmp"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto part = make_directory(root->get(), names[i], mode);
    if (!part) return std::unexpected(std::move(part).error().about(path));
    parts[i] = std::move(*part);
  }
  mark_arrival(place, root->get());
  return Maildir(path, std::move(parts[0]), std::move(parts[2]));
}

Result<std::string> Maildir::publish(StagedFile& staged) const {
  struct utsname system{};
  uname(&system);
  for (int attempt = 0; attempt < kNameTries; ++attempt) {
    // The microsecond is the counter: one process never gives two files the same one, even when readers have moved
    // the first away from new/ meanwhile.
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const auto n = static_cast<std::uint64_t>(now.tv_nsec) / 1000;
    const auto name = maildir_name(now.tv_sec, getpid(), n, system.nodename);
    if (staged.link_as(name, fresh_.get())) {
      auto done = sync_file(fresh_.get());
      if (done) return path_ + (path_.ends_with('/') ? "new/" : "/new/") + name;
      unlinkat(fresh_.get(), name.c_str(), 0);
      return std::unexpected(std::move(done).error().about(path_));
    }
    if (errno != EEXIST) return system_failure("cannot create a file in " + path_ + "/new");
    usleep(1);
  }
  return failure(ErrorKind::Temporary, "cannot create a file in " + path_ + "/new: every name is taken", EEXIST);
}

}  // namespace mailbox
