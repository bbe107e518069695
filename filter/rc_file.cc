// Opens, judges and compiles rule files.
// SPDX-License-Identifier: Apache-2.0
#include "filter/rc_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "mailbox/file.h"
#include "rules/compiler.h"
#include "rules/limits.h"

namespace filter {
namespace {

// Whether somebody else could have written these rules.
bool is_suspicious(const std::string& path, const struct stat& file, const RcTrust& trust) {
  if (!trust.checked) return false;
  if (file.st_uid != trust.owner && file.st_uid != 0) return true;
  if (file.st_mode & S_IWOTH) return true;
  const bool own_group = file.st_gid == trust.group;
  if (trust.is_default && (file.st_mode & S_IWGRP) && !own_group) return true;
  const std::size_t slash = path.rfind('/');
  struct stat folder{};
  const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (stat(directory.c_str(), &folder) != 0) return true;
  constexpr mode_t kOthers = S_IWOTH | S_IXOTH;
  if ((folder.st_mode & kOthers) == kOthers && !(folder.st_mode & S_ISVTX)) return true;
  constexpr mode_t kGroup = S_IWGRP | S_IXGRP;
  return trust.is_default && (folder.st_mode & kGroup) == kGroup && !(folder.st_mode & S_ISVTX) && folder.st_gid != trust.group;
}

}  // namespace

RcReading read_rc_file(const std::string& path, const RcTrust& trust) {
  RcReading reading;
  reading.file.path = path;
  const auto refuse = [&](mailbox::Error error, bool silent) {
    if (!silent) reading.file.notes.push_back("Couldn't read \"" + path + "\"");
    if (!error.is_not_found()) reading.failure = std::move(error);
    return reading;
  };
  auto file = mailbox::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return refuse(file.error(), trust.is_default && file.error().is_not_found());
  struct stat status{};
  if (fstat(file->get(), &status) != 0) return refuse(mailbox::system_failure("cannot stat " + path).error(), false);
  std::string text;
  if (path != "/dev/null") {
    if (!S_ISREG(status.st_mode)) return refuse({mailbox::ErrorKind::NotFound, path + " is no regular file"}, false);
    if (is_suspicious(path, status, trust)) {
      reading.file.notes = {"Suspicious rcfile \"" + path + "\"", "Couldn't read \"" + path + "\""};
      return reading;
    }
    auto read = mailbox::read_bounded(file->get(), rules::kMaxRuleFile);
    if (!read) return refuse(std::move(read.error()), false);
    text = std::move(*read);
  }
  reading.file.program = rules::compile_lazily(rules::Source(path, std::move(text)));
  return reading;
}

}  // namespace filter
