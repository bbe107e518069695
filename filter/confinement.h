// Keeps the rules of accounts that share a uid inside their home: every path is resolved beneath it.
// SPDX-License-Identifier: Apache-2.0
//
//   const Confinement home(home_fd, "/srv/mail/anna");
//   auto file = home.open(place_fd, "Mail/../lists", O_RDONLY);   // beneath /srv/mail/anna, whatever links there say
//   auto where = home.locate(place_fd, "Mail/dev/");              // {parent, "dev/"}: for calls that take a name
//
// CONTRACT.md 3, rules.programs. Absolute paths below the home are taken as relative to it; all others, and what would
// leave the home by `..` or a link, fail with EXDEV. The kernel decides (openat2 RESOLVE_BENEATH); a system without
// openat2 refuses everything, one without /proc refuses links. Links that the rules did not make may point to places
// below the home only.
// All descriptors are borrowed.
#pragma once

#include <sys/types.h>

#include <string>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace filter {

class Confinement {
 public:
  // `home` may be an O_PATH descriptor; `path` is its absolute name as rules would write it.
  Confinement(int home, std::string path) : home_(home), path_(std::move(path)) {}

  mailbox::Result<mailbox::UniqueFd> open(int directory, const std::string& path, int flags, mode_t mode = 0) const;

  // A name whose last part need not exist: the directory that holds it, and the part itself, which is no link. What
  // only tells a folder's type ("/", "/.") stays at its end; the name is "." where a directory itself is meant.
  struct Located {
    mailbox::UniqueFd directory;
    std::string name;
  };
  mailbox::Result<Located> locate(int directory, const std::string& path) const;

 private:
  mailbox::Result<std::string> inside(int directory, const std::string& path) const;
  mailbox::Result<mailbox::UniqueFd> open_inside(const std::string& inner, int flags, mode_t mode = 0) const;
  mailbox::Result<Located> split(const std::string& inner, const std::string& suffix, bool may_be_link) const;

  int home_;
  std::string path_;
};

}  // namespace filter
