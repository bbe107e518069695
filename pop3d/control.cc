// The starter's control socket.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/control.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

constexpr const char* kName = "/.control";
constexpr std::size_t kLongestRequest = 512;
constexpr timeval kPatience{1, 0};                   // the starter has others to serve
constexpr mode_t kPassable = 0711, kPrivate = 0700;  // as state_dir.h has it

bool is_ours(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

std::string read_line(int fd) {
  std::string line;
  char byte = 0;
  while (line.size() < kLongestRequest && ::read(fd, &byte, 1) == 1) {
    if (byte == '\n') return line;
    line += byte;
  }
  return {};
}

}  // namespace

Result<Control> Control::open(const std::string& state_dir) {
  const auto path = state_dir + kName;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return system_failure("cannot listen on " + path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  if (auto made = mailbox::make_directory(AT_FDCWD, state_dir, ::geteuid() == 0 ? kPassable : kPrivate); !made)
    return std::unexpected(made.error());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_failure("cannot listen on " + path);
  // One that nobody listens to was left by a server that was killed.
  if (::connect(fd.get(), name, sizeof address) == 0 || errno == EAGAIN)
    return failure(ErrorKind::Busy, "another server listens on " + path);
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
  if (::bind(fd.get(), name, sizeof address) != 0) return system_failure("cannot listen on " + path);
  Control control(std::move(fd), path);  // from here on it removes what it made
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(control.fd(), SOMAXCONN) != 0)
    return system_failure("cannot listen on " + path);
  return control;
}

Control& Control::operator=(Control&& other) noexcept {
  if (this == &other) return *this;
  remove();
  fd_ = std::move(other.fd_);
  path_ = std::move(other.path_);
  return *this;
}

void Control::remove() {
  if (fd_) ::unlink(path_.c_str());
  fd_.reset();
}

void Control::serve(const std::function<std::string(const std::string&)>& answer) const {
  for (;;) {
    const UniqueFd peer(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer) return;
    ::setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(peer.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    const auto request = is_ours(peer.get()) ? read_line(peer.get()) : std::string();
    if (request.empty()) continue;
    const auto text = answer(request);
    if (::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) continue;
  }
}

}  // namespace pop3d
