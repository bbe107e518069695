// A Maildir inbox, frozen: the files of new/ and cur/ in order of arrival, and their removal.
// SPDX-License-Identifier: Apache-2.0
//
// A file is known by its unique name (up to ':'): a mail reader may rename it from new/ to cur/ or change its flags at
// any time, and it stays the same message. Links are never followed. Removal looks first whether every file is there,
// of its old size, and whether both directories can be written; then unlinks one after another and syncs. A crash or an
// I/O error between two unlinks leaves the rest: a Maildir has no way to do several at once.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "mailbox/drop.h"
#include "mailbox/file.h"
#include "mailbox/mbox_format.h"
#include "mailbox/stored_message.h"

namespace mailbox {
namespace {

constexpr std::array<const char*, 2> kFolders{"new", "cur"};
constexpr int kListTries = 10;  // while others rename files, a listing may miss one

struct File {
  std::size_t folder = 0;  // of kFolders
  std::string name;
};

struct Found {
  std::string unique;
  std::uint64_t time = 0;  // the number that a unique name begins with
  File file;
  std::uint64_t size = 0;
  std::uint64_t octets = 0;
  UidlBase base;
};

using Listing = std::map<std::string, File, std::less<>>;  // by unique name

std::string unique_name(std::string_view name) { return std::string(name.substr(0, name.find(':'))); }

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

class MaildirDrop final : public Drop {
 public:
  explicit MaildirDrop(std::string path) : path_(std::move(path)) {}

  Result<void> open();
  Result<void> freeze();
  const IndexedMessages& messages() const override { return messages_; }
  std::uint64_t history() const override { return 0; }
  void remember(std::span<const std::uint32_t> ordinals, std::uint64_t history) override;
  Result<void> fetch(std::size_t index, const Sink& sink) override;
  MessageText::Home home() const override { return MessageText::Home::Maildir; }
  Result<UniqueFd> open_file_of(std::size_t index) override;
  std::string file_name(std::size_t index) const override { return found_.at(index).unique; }
  Result<void> remove(const std::vector<bool>& deleted, const std::string& note, const Gone& gone) override;

 private:
  Result<void> list_folder(std::size_t folder, Listing& listing) const;
  Result<Listing> list() const;
  Result<std::array<timespec, 2>> times() const;
  Result<UniqueFd> open_file(const File& file) const;
  Result<void> refresh();
  Result<std::optional<UniqueFd>> open_message(Found& found);
  Result<bool> measure(Found& found);
  std::unexpected<Error> changed(const Found& found) const {
    return failure(ErrorKind::Temporary, path_ + ": another program changed or removed message " + found.unique);
  }

  std::string path_;
  std::array<UniqueFd, 2> folders_;  // none: there is no such folder
  std::vector<Found> found_;
  IndexedMessages messages_;  // of the same places
};

Result<void> MaildirDrop::open() {
  auto root = open_directory(AT_FDCWD, path_);
  if (!root) return std::unexpected(std::move(root).error());
  for (std::size_t i = 0; i < kFolders.size(); ++i) {
    auto folder = open_at(root->get(), kFolders[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!folder && folder.error().code != ENOENT) return std::unexpected(std::move(folder).error().about(path_));
    if (folder) folders_[i] = std::move(*folder);
  }
  if (!folders_[0] && !folders_[1]) return failure(ErrorKind::Temporary, path_ + " is not a Maildir: no new/, no cur/");
  return {};
}

Result<std::array<timespec, 2>> MaildirDrop::times() const {
  std::array<timespec, 2> times{};
  for (std::size_t i = 0; i < kFolders.size(); ++i) {
    struct stat about{};
    if (folders_[i] && fstat(folders_[i].get(), &about) != 0) return system_failure("cannot examine " + path_);
    times[i] = about.st_mtim;
  }
  return times;
}

Result<void> MaildirDrop::list_folder(std::size_t folder, Listing& listing) const {
  if (!folders_[folder]) return {};
  // A descriptor of its own: reading moves its place.
  UniqueFd own(openat(folders_[folder].get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, CloseDirectory> directory(own ? fdopendir(own.get()) : nullptr);
  if (!directory) return system_failure("cannot list " + path_ + kFolders[folder]);
  own.release();
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (!entry && errno != 0) return system_failure("cannot list " + path_ + kFolders[folder]);
    if (!entry) return {};
    if (entry->d_name[0] == '.') continue;
    if (listing.size() >= kMostMessages) return failure(ErrorKind::Temporary, path_ + ": too many messages");
    listing.insert_or_assign(unique_name(entry->d_name), File{folder, entry->d_name});
  }
}

// new/ first: what moves to cur/ meanwhile is seen twice rather than never. Files that get other flags while we read
// can be missed, so we read until nothing changed.
Result<Listing> MaildirDrop::list() const {
  for (int attempt = 0; attempt < kListTries; ++attempt) {
    const auto before = times();
    if (!before) return std::unexpected(before.error());
    Listing listing;
    for (std::size_t i = 0; i < kFolders.size(); ++i) {
      if (auto done = list_folder(i, listing); !done) return std::unexpected(std::move(done).error());
    }
    const auto after = times();
    if (!after) return std::unexpected(after.error());
    const bool quiet = std::ranges::equal(*before, *after, [](const timespec& a, const timespec& b) {
      return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
    });
    if (quiet || attempt + 1 == kListTries) return listing;
  }
  return Listing();
}

Result<UniqueFd> MaildirDrop::open_file(const File& file) const {
  return open_at(folders_[file.folder].get(), file.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

// Learns the names that files have now.
Result<void> MaildirDrop::refresh() {
  auto listing = list();
  if (!listing) return std::unexpected(std::move(listing).error());
  for (auto& found : found_) {
    const auto now = listing->find(found.unique);
    if (now != listing->end()) found.file = now->second;
  }
  return {};
}

// Nothing: it is gone, or no plain file. A file that was renamed is found again.
Result<std::optional<UniqueFd>> MaildirDrop::open_message(Found& found) {
  auto fd = open_file(found.file);
  if (!fd && fd.error().code == ENOENT) {
    if (auto done = refresh(); !done) return std::unexpected(std::move(done).error());
    fd = open_file(found.file);
  }
  if (!fd && (fd.error().code == ENOENT || fd.error().code == ELOOP || fd.error().code == ENXIO)) return std::nullopt;
  if (!fd) return std::unexpected(std::move(fd).error().about(path_));
  struct stat about{};
  if (fstat(fd->get(), &about) != 0) return system_failure("cannot examine " + path_ + found.file.name);
  if (!S_ISREG(about.st_mode)) return std::nullopt;
  return std::move(*fd);
}

// False: there is no message of that name.
Result<bool> MaildirDrop::measure(Found& found) {
  auto fd = open_message(found);
  if (!fd) return std::unexpected(std::move(fd).error());
  struct stat about{};
  if (!*fd) return false;
  if (fstat((*fd)->get(), &about) != 0) return system_failure("cannot examine " + path_ + found.file.name);
  found.size = static_cast<std::uint64_t>(about.st_size);
  MessageMeter meter(MessageText::Home::Maildir);
  auto done = read_range((*fd)->get(), 0, found.size, [&](std::string_view piece) { return meter.feed(piece), true; });
  if (!done) return std::unexpected(std::move(done).error().about(path_));
  found.base = meter.finish();
  found.octets = meter.octets();
  return true;
}

Result<void> MaildirDrop::freeze() {
  auto listing = list();
  if (!listing) return std::unexpected(std::move(listing).error());
  for (const auto& [unique, file] : *listing) {
    found_.push_back({.unique = unique, .time = 0, .file = file, .size = 0, .octets = 0, .base = {}});
    std::from_chars(unique.data(), unique.data() + unique.size(), found_.back().time);
  }
  std::vector<Found> messages;
  for (auto& found : found_) {
    auto is_message = measure(found);
    if (!is_message) return std::unexpected(std::move(is_message).error());
    if (*is_message) messages.push_back(found);
  }
  found_ = std::move(messages);
  std::ranges::stable_sort(found_, {}, [](const Found& found) { return std::tie(found.time, found.unique); });
  messages_.reserve(found_.size());
  for (const auto& found : found_) messages_.push_back({0, found.size, found.octets, found.base});
  return {};
}

void MaildirDrop::remember(std::span<const std::uint32_t> ordinals, std::uint64_t) {
  for (std::size_t i = 0; i < ordinals.size(); ++i) messages_[i].ordinal = ordinals[i];
}

Result<UniqueFd> MaildirDrop::open_file_of(std::size_t index) {
  auto& found = found_.at(index);
  auto fd = open_message(found);
  struct stat about{};
  if (!fd) return std::unexpected(std::move(fd).error());
  if (!*fd || fstat((*fd)->get(), &about) != 0 || static_cast<std::uint64_t>(about.st_size) != found.size) {
    return changed(found);
  }
  return std::move(**fd);
}

Result<void> MaildirDrop::fetch(std::size_t index, const Sink& sink) {
  const auto fd = open_file_of(index);
  if (!fd) return std::unexpected(fd.error());
  const auto& found = found_[index];
  return send({.fd = fd->get(),
               .offset = 0,
               .size = found.size,
               .home = MessageText::Home::Maildir,
               .octets = found.octets,
               .base = found.base},
              sink);
}

Result<void> MaildirDrop::remove(const std::vector<bool>& deleted, const std::string&, const Gone& gone) {
  auto listing = list();
  if (!listing) return std::unexpected(std::move(listing).error());
  std::vector<File> files;
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (!deleted[i]) continue;
    const auto file = listing->find(found_[i].unique);
    if (file == listing->end()) continue;  // another program removed it: so it is
    struct stat about{};
    if (fstatat(folders_[file->second.folder].get(), file->second.name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(about.st_mode) || static_cast<std::uint64_t>(about.st_size) != found_[i].size) {
      return changed(found_[i]);
    }
    files.push_back(file->second);
  }
  std::array<bool, 2> touched{};
  for (const auto& file : files) {
    if (std::exchange(touched[file.folder], true)) continue;
    if (faccessat(folders_[file.folder].get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
      return system_failure("cannot remove from " + path_ + kFolders[file.folder]);
    }
  }
  for (const auto& file : files) {
    if (unlinkat(folders_[file.folder].get(), file.name.c_str(), 0) != 0 && errno != ENOENT) {
      return system_failure("cannot remove " + path_ + kFolders[file.folder] + "/" + file.name);
    }
  }
  for (std::size_t i = 0; i < kFolders.size(); ++i) {
    if (touched[i] && fsync(folders_[i].get()) != 0) return system_failure("cannot sync " + path_ + kFolders[i]);
  }
  gone();
  return {};
}

}  // namespace

Result<std::unique_ptr<Drop>> open_maildir_drop(const std::string& path) {
  auto drop = std::make_unique<MaildirDrop>(path);
  if (auto done = drop->open(); !done) return std::unexpected(std::move(done).error());
  if (auto done = drop->freeze(); !done) return std::unexpected(std::move(done).error());
  return drop;
}

}  // namespace mailbox
