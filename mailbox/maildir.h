// A Maildir: new, cur and tmp, a file a message, and names that nobody else chooses.
// SPDX-License-Identifier: Apache-2.0
//
//   auto maildir = Maildir::open(place, "lists/dev");        // makes what is missing, 0777 & ~umask
//   auto staged = StagedFile::make(maildir->tmp(), 0600);    // no reader sees it
//   …
//   auto name = maildir->publish(*staged);    // "lists/dev/new/1700000000.4711_815.host", durable
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "mailbox/file.h"
#include "mailbox/folder.h"
#include "mailbox/result.h"

namespace mailbox {

// "TIME.PID_N.HOST" (PROCMAIL.md 16.4); '/', ':' and '\' in the host become "\057", "\072" and "\134".
std::string maildir_name(std::time_t time, pid_t pid, std::uint64_t n, std::string_view host);

class Maildir {
 public:
  // NotFound, ENOTDIR, EACCES …: it cannot be one.
  static Result<Maildir> open(const Place& place, const std::string& path);

  int tmp() const { return tmp_.get(); }
  // Gives a written and synced file a name in new/, unique by the moment and this process; its path as `path` had it.
  Result<std::string> publish(StagedFile& staged) const;

 private:
  Maildir(std::string path, UniqueFd fresh, UniqueFd tmp)
      : path_(std::move(path)), fresh_(std::move(fresh)), tmp_(std::move(tmp)) {}
  std::string path_;
  UniqueFd fresh_;  // new/
  UniqueFd tmp_;
};

}  // namespace mailbox
