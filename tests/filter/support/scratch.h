// A directory of a test's own, gone with it, and small helpers to fill and read it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

class Scratch {
 public:
  Scratch() {
    std::string name = std::filesystem::temp_directory_path() / "sluice-test-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
    fd_ = open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    close(fd_);
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  int fd() const { return fd_; }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  bool has(const std::string& name) const { return std::filesystem::exists(*this / name); }
  void write(const std::string& name, const std::string& text, unsigned mode = 0644) const {
    std::ofstream(*this / name, std::ios::binary) << text;
    chmod((*this / name).c_str(), mode);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(*this / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  unsigned mode(const std::string& name) const {
    struct stat status{};
    return stat((*this / name).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }

 private:
  std::string path_;
  int fd_ = -1;
};
