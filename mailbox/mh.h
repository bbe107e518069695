// MH folders, whose files are numbered, and plain directories, whose files are named by their inode.
// SPDX-License-Identifier: Apache-2.0
//
//   auto folder = DirectoryFolder::open(place, "lists/dev");   // made where missing, 0777 & ~umask
//   auto staged = StagedFile::make(folder->fd(), 0600);       // no reader sees it
//   …
//   auto name = folder->publish_number(*staged);              // "lists/dev/12", durable
//
// PROCMAIL.md 16.5 to 16.7; unlike procmail's, a message is complete when its name appears (CONTRACT.md 5.8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mailbox/file.h"
#include "mailbox/folder.h"
#include "mailbox/result.h"

namespace mailbox {

// "msg." and the inode in base 64, lowest digit first, digits A-Z a-z 0-9 - _.
std::string inode_name(std::string_view prefix, std::uint64_t inode);

class DirectoryFolder {
 public:
  static Result<DirectoryFolder> open(const Place& place, const std::string& path);

  int fd() const { return fd_.get(); }
  // The highest number in the folder and one more; a name that is taken meanwhile leads to the next.
  Result<std::string> publish_number(StagedFile& staged) const;
  Result<std::string> publish_inode(StagedFile& staged, std::string_view prefix) const;

 private:
  DirectoryFolder(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<std::string> published(const std::string& name) const;
  std::string path_;
  UniqueFd fd_;
};

}  // namespace mailbox
