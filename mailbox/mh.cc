// MH folders, whose files are numbered, and plain directories, whose files are named by their inode.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mh.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "mailbox/mbox.h"

namespace mailbox {
namespace {

constexpr int kNameTries = 10000;           // deliveries that take our number before we do
constexpr std::size_t kLongestNumber = 18;  // digits; longer names are no message numbers

struct CloseDirectory {
  void operator()(DIR* entries) const { closedir(entries); }
};

// The highest all-digit name; 0 in an empty folder.
Result<std::uint64_t> highest_number(int directory) {
  UniqueFd fd(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // a descriptor of its own: readdir moves it
  if (!fd) return system_failure("cannot read the folder");
  const std::unique_ptr<DIR, CloseDirectory> entries(fdopendir(fd.get()));
  if (!entries) return system_failure("cannot read the folder");
  fd.release();
  std::uint64_t highest = 0;
  errno = 0;
  while (const dirent* entry = readdir(entries.get())) {
    const std::string_view name(entry->d_name);
    if (name.size() > kLongestNumber || !std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
      continue;
    }
    std::uint64_t number = 0;
    for (const char c : name) number = number * 10 + static_cast<std::uint64_t>(c - '0');
    highest = std::max(highest, number);
  }
  if (errno != 0) return system_failure("cannot read the folder");
  return highest;
}

}  // namespace

std::string inode_name(std::string_view prefix, std::uint64_t inode) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string name(prefix);
  do {
    name += kDigits[inode % kDigits.size()];
    inode /= kDigits.size();
  } while (inode > 0);
  return name;
}

Result<DirectoryFolder> DirectoryFolder::open(const Place& place, const std::string& path) {
  auto fd = make_directory(place.directory, path, 0777 & ~place.umask);
  if (!fd) return std::unexpected(std::move(fd).error());
  mark_arrival(place, fd->get());
  return DirectoryFolder(path, std::move(*fd));
}

Result<std::string> DirectoryFolder::published(const std::string& name) const {
  if (auto done = sync_file(fd_.get()); !done) {
    unlinkat(fd_.get(), name.c_str(), 0);
    return std::unexpected(std::move(done).error().about(path_));
  }
  return path_ + (path_.ends_with('/') ? "" : "/") + name;
}

Result<std::string> DirectoryFolder::publish_number(StagedFile& staged) const {
  auto highest = highest_number(fd_.get());
  if (!highest) return std::unexpected(std::move(highest).error().about(path_));
  for (int attempt = 1; attempt <= kNameTries; ++attempt) {
    const auto name = std::to_string(*highest + static_cast<std::uint64_t>(attempt));
    if (staged.link_as(name, fd_.get())) return published(name);
    if (errno != EEXIST) return system_failure("cannot create " + path_ + "/" + name);
  }
  return failure(ErrorKind::Temporary, "cannot create a file in " + path_ + ": every number is taken", EEXIST);
}

Result<std::string> DirectoryFolder::publish_inode(StagedFile& staged, std::string_view prefix) const {
  struct stat about{};
  if (fstat(staged.fd(), &about) != 0) return system_failure("cannot examine a file in " + path_);
  auto name = inode_name(prefix, about.st_ino);
  for (int attempt = 0; attempt < kNameTries; ++attempt, name += '_') {  // taken by a file from another file system
    if (name.size() > NAME_MAX) break;
    if (staged.link_as(name, fd_.get())) return published(name);
    if (errno != EEXIST) return system_failure("cannot create " + path_ + "/" + name);
  }
  return failure(ErrorKind::Temporary, "cannot create a file in " + path_ + ": every name is taken", EEXIST);
}

}  // namespace mailbox
