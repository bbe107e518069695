// A listening socket that has a name in the file system, which goes when it does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace pop3d {

class SocketFile {
 public:
  // One that nobody listens to was left by a server that was killed, and is replaced. Busy: somebody listens.
  static mailbox::Result<SocketFile> open(const std::string& path, mode_t mode);
  SocketFile() = default;  // none
  SocketFile(SocketFile&& other) noexcept = default;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile() { remove(); }

  int fd() const { return fd_.get(); }  // does not block; -1: none

 private:
  SocketFile(mailbox::UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  void remove();

  mailbox::UniqueFd fd_;
  std::string path_;
};

}  // namespace pop3d
