// A directory of a test's own for deliveries, gone when the test ends, and what tests of folders ask of files.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/folder.h"

namespace mailbox {

class FolderSite {
 public:
  FolderSite() {
    std::string name = (std::filesystem::temp_directory_path() / "folder_test.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    directory_.reset(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(directory_);
  }
  ~FolderSite() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FolderSite(const FolderSite&) = delete;
  FolderSite& operator=(const FolderSite&) = delete;

  Place place(mode_t umask = 077) const { return {.directory = directory_.get(), .umask = umask}; }
  int directory() const { return directory_.get(); }
  std::string path(std::string_view name = "") const { return path_ + "/" + std::string(name); }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream file(path(name), std::ios::binary);
    file << text;
    REQUIRE(file.flush().good());
  }
  struct stat about(const std::string& name) const {
    struct stat result{};
    CAPTURE(name);
    REQUIRE(::lstat(path(name).c_str(), &result) == 0);
    return result;
  }
  bool exists(const std::string& name) const {
    struct stat result{};
    return ::lstat(path(name).c_str(), &result) == 0;
  }
  // The names in a directory, sorted.
  std::vector<std::string> names(const std::string& name = "") const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path(name))) all.push_back(entry.path().filename());
    std::ranges::sort(all);
    return all;
  }

 private:
  std::string path_;
  UniqueFd directory_;
};

// Runs `deed` in a child, whose exit code it is; 99 for an exception.
inline pid_t start_child(const std::function<int()>& deed) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  try {
    ::_exit(deed());
  } catch (...) {
    ::_exit(99);
  }
}

// The exit code; 128 and the signal for a killed child.
inline int wait_for_child(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// In a child, so that root can try what an ordinary user may not.
inline int run_unprivileged(const FolderSite& site, const std::function<int()>& deed) {
  constexpr uid_t kNobody = 65534;
  if (::geteuid() == 0) REQUIRE(::chown(site.path().c_str(), kNobody, kNobody) == 0);
  return wait_for_child(start_child([&] {
    if (::geteuid() == 0 && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
      return 98;
    }
    return deed();
  }));
}

}  // namespace mailbox
