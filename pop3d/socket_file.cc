// Listening sockets of the file system.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/socket_file.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pop3d {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

Result<SocketFile> SocketFile::open(const std::string& path, mode_t mode) {
  const auto deed = "cannot listen on " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return system_failure(deed, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_failure(deed);
  if (::connect(fd.get(), name, sizeof address) == 0 || errno == EAGAIN)
    return failure(ErrorKind::Busy, deed + ": another server does");
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
  if (::bind(fd.get(), name, sizeof address) != 0) return system_failure(deed);
  SocketFile made(std::move(fd), path);  // from here on it removes what it made
  if (::chmod(path.c_str(), mode) != 0 || ::listen(made.fd(), SOMAXCONN) != 0) return system_failure(deed);
  return made;
}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  fd_ = std::move(other.fd_);
  path_ = std::move(other.path_);
  return *this;
}

void SocketFile::remove() {
  if (fd_) ::unlink(path_.c_str());
  fd_.reset();
}

}  // namespace pop3d
