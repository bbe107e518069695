// A delivery to a place in the file system: mbox, Maildir, MH or plain directory, chosen by name as procmail does.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "mailbox/file.h"
#include "mailbox/maildir.h"
#include "mailbox/mbox.h"
#include "mailbox/mh.h"

namespace mailbox {
namespace {

struct Named {
  FolderKind kind;
  std::string path;  // without what only tells the kind
};

bool is_directory(const Place& place, const std::string& path) {
  struct stat about{};
  return fstatat(place.directory, path.c_str(), &about, 0) == 0 && S_ISDIR(about.st_mode);
}

Named by_name(const Place& place, const std::string& path, bool is_link) {
  if (path == "/dev/null") return {FolderKind::Discard, path};
  if (path.ends_with('/')) return {FolderKind::Maildir, without_slashes(path)};
  if (path.ends_with("/.")) return {FolderKind::Mh, without_slashes(path.substr(0, path.size() - 1))};
  return {is_link || is_directory(place, path) ? FolderKind::Directory : FolderKind::Mbox, path};
}

// A folder that is a directory, open.
class OpenFolder {
 public:
  static Result<OpenFolder> open(const Place& place, const Named& named) {
    OpenFolder folder(named.kind);
    if (named.kind == FolderKind::Maildir) {
      auto maildir = Maildir::open(place, named.path);
      if (!maildir) return std::unexpected(std::move(maildir).error());
      folder.maildir_ = std::move(*maildir);
    } else {
      auto directory = DirectoryFolder::open(place, named.path);
      if (!directory) return std::unexpected(std::move(directory).error());
      folder.directory_ = std::move(*directory);
    }
    return folder;
  }
  int staging() const { return maildir_ ? maildir_->tmp() : directory_->fd(); }
  Result<std::string> publish(StagedFile& staged, std::string_view prefix) const {
    if (maildir_) return maildir_->publish(staged);
    return kind_ == FolderKind::Mh ? directory_->publish_number(staged) : directory_->publish_inode(staged, prefix);
  }

 private:
  explicit OpenFolder(FolderKind kind) : kind_(kind) {}
  FolderKind kind_;
  std::optional<Maildir> maildir_;
  std::optional<DirectoryFolder> directory_;
};

// Links to a message that is already stored: what fails is noted, and stops nothing.
void add_links(const Place& place, const StoreRequest& request, StagedFile& staged, Stored& stored) {
  for (const auto& link : request.links) {
    const auto named = by_name(place, link, true);
    auto folder = OpenFolder::open(place, named);
    if (!folder) {
      stored.notes.push_back("Unable to treat as directory \"" + named.path + "\"");
      if (!named.path.empty()) stored.notes.push_back("Skipped \"" + named.path + "\"");
      continue;
    }
    auto name = folder->publish(staged, request.message_prefix);
    if (name) {
      stored.name += " " + *name;
      stored.links.push_back(*name);
    } else {
      stored.notes.push_back("Couldn't make link to \"" + named.path + "\"");
    }
  }
}

Result<Stored> store_in_file(const Place& place, const std::string& path, const StoreRequest& request) {
  auto stored = append_to_mbox(place, path, request);
  if (!stored && request.ignore_errors && !stored.error().is_busy() && !stored.error().is_over_quota()) {
    stored = Stored{.kind = FolderKind::Mbox, .octets = 0, .name = path, .notes = {}};
  }
  if (!stored) return stored;
  std::string rest;
  for (const auto& link : request.links) rest += (rest.empty() ? "" : " ") + link;
  if (!rest.empty()) stored->notes.push_back("Skipped \"" + rest + "\"");
  return stored;
}

// Writes and publishes; `staged` stays open for links.
Result<std::string> write_out(const OpenFolder& folder, const StoreRequest& request, StagedFile& staged,
                              std::span<const std::string_view> pieces) {
  auto done = write_all(staged.fd(), pieces);
  if (done) done = sync_file(staged.fd());
  if (!done && !request.ignore_errors) return std::unexpected(std::move(done).error());
  return folder.publish(staged, request.message_prefix);
}

// What a file of its own holds: no From_ quoting; in a Maildir no From_ line and nothing added.
std::array<std::string_view, 3> pieces_for(FolderKind kind, const Outgoing& content) {
  if (kind != FolderKind::Maildir) {
    return {content.header, content.body, content.wants_final_newline() ? "\n" : ""};
  }
  return {content.header.substr(envelope_lines(content.header).size()), content.body, ""};
}

Result<Stored> store_in_directory(const Place& place, const Named& named, const StoreRequest& request) {
  const auto pieces = pieces_for(named.kind, request.content);
  Stored stored{.kind = named.kind, .octets = 0, .name = named.path, .notes = {}};
  for (const auto piece : pieces) stored.octets += piece.size();
  std::unique_ptr<Quota::Room> room;
  if (request.quota) {
    auto reserved = request.quota->reserve(place.directory, named.path, stored.octets);
    if (!reserved) return std::unexpected(std::move(reserved).error());
    room = std::move(*reserved);
  }
  auto folder = OpenFolder::open(place, named);
  if (!folder) {  // a file is in the way, or it cannot be made: then it is an mbox (PROCMAIL.md 16.4)
    room.reset();
    auto instead = store_in_file(place, named.path, request);
    if (instead) instead->notes.insert(instead->notes.begin(), "Unable to treat as directory \"" + named.path + "\"");
    return instead;
  }
  auto staged = StagedFile::make(folder->staging(), new_file_mode(place));
  Result<std::string> name = staged ? write_out(*folder, request, *staged, pieces) : std::unexpected(staged.error());
  if (!name && !request.ignore_errors) return std::unexpected(std::move(name).error().about(named.path));
  if (name) {
    stored.name = std::move(*name);
    add_links(place, request, *staged, stored);
  } else {
    stored.octets = 0;
  }
  return stored;
}

}  // namespace

Result<Stored> store(const Place& place, const StoreRequest& request) {
  if (request.path.empty()) return failure(ErrorKind::NotFound, "a folder without a name", ENOENT);
  const auto named = by_name(place, request.path, false);
  if (named.kind == FolderKind::Discard) {
    return Stored{.kind = named.kind, .octets = request.content.size(), .name = named.path, .notes = {}};
  }
  if (named.kind == FolderKind::Mbox) return store_in_file(place, named.path, request);
  return store_in_directory(place, named, request);
}

}  // namespace mailbox
