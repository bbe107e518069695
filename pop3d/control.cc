// The starter's control socket.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/control.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace pop3d {
namespace {

using mailbox::Result;
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

Result<SocketFile> open_control(const std::string& state_dir) {
  if (auto made = mailbox::make_directory(AT_FDCWD, state_dir, ::geteuid() == 0 ? kPassable : kPrivate); !made)
    return std::unexpected(made.error());
  return SocketFile::open(state_dir + kName, 0600);
}

void serve_control(const SocketFile& control, const std::function<std::string(const std::string&)>& answer) {
  for (;;) {
    const UniqueFd peer(::accept4(control.fd(), nullptr, nullptr, SOCK_CLOEXEC));
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
