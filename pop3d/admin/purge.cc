// Removes what the state directory keeps of an account, be it in the accounts or gone from them.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "mailbox/file.h"
#include "mailbox/lock.h"
#include "mailbox/state_dir.h"
#include "pop3d/admin/commands.h"

namespace pop3d::admin {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;

// With the rights of whoever owns the directory: they can put anything there, and nothing of others may be reached.
bool empty_as_owner(const std::string& path, const struct stat& about) {
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {
    const bool root = ::geteuid() == 0;
    if (root && (::setgroups(0, nullptr) != 0 || ::setresgid(about.st_gid, about.st_gid, about.st_gid) != 0 ||
                 ::setresuid(about.st_uid, about.st_uid, about.st_uid) != 0)) {
      ::_exit(1);
    }
    std::error_code wrong;
    for (const auto& entry : std::filesystem::directory_iterator(path, wrong)) {
      std::filesystem::remove_all(entry.path(), wrong);
      if (wrong) ::_exit(1);
    }
    ::_exit(wrong ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<void> remove_state(const std::string& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0) return mailbox::system_failure("cannot find " + path);
  if (!S_ISDIR(about.st_mode)) return failure(ErrorKind::Permanent, path + " is no directory");
  if (!empty_as_owner(path, about)) return failure(ErrorKind::Temporary, "cannot empty " + path);
  if (::rmdir(path.c_str()) != 0) return mailbox::system_failure("cannot remove " + path);
  return mailbox::sync_parent(AT_FDCWD, path);
}

}  // namespace

int purge(const CommandLine& line, const mailbox::site::Config& config) {
  if (line.words.size() != 2 || !mailbox::is_state_name(line.words[1])) return complain("purge needs one user's name");
  const auto path = config.state_dir + "/" + line.words[1];
  {
    // Not while a session lives: it would go on with files that have no name any more.
    const auto session = mailbox::FileLock::take(AT_FDCWD, path + "/session", std::chrono::milliseconds(0));
    if (!session && session.error().is_busy()) return complain(line.words[1] + " has a session");
  }
  const auto done = remove_state(path);
  if (!done && !done.error().is_not_found()) return complain(done.error().text);
  const bool was_there = done.has_value();
  if (line.json) {
    std::puts(nlohmann::ordered_json{{"user", line.words[1]}, {"removed", was_there}}.dump().c_str());
  } else {
    std::printf("%s: %s\n", path.c_str(), was_there ? "removed" : "there was nothing");
  }
  return kFine;
}

}  // namespace pop3d::admin
