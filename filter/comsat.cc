// Tells the biff service that mail has come (COMSAT; PROCMAIL.md 25.5).
// SPDX-License-Identifier: Apache-2.0
#include "filter/comsat.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "mailbox/file.h"

namespace filter {
namespace {

constexpr std::uint16_t kBiffPort = 512;  // RFC 1700 "comsat"; /etc/services is not read for it
constexpr std::size_t kTextLimit = 1024;

void send_to(const sockaddr* address, socklen_t size, std::string_view text) {
  const mailbox::UniqueFd socket(::socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return;
  const std::string_view told = text.substr(0, kTextLimit);
  [[maybe_unused]] const ssize_t sent = sendto(socket.get(), told.data(), told.size(), MSG_NOSIGNAL, address, size);
}

std::optional<std::uint16_t> port_of(const std::string& service) {
  if (service.empty() || service == "biff" || service == "comsat") return kBiffPort;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(service.data(), service.data() + service.size(), number);
  if (error == std::errc() && end == service.data() + service.size()) return number;
  const servent* found = getservbyname(service.c_str(), "udp");
  if (!found) return std::nullopt;
  return ntohs(static_cast<std::uint16_t>(found->s_port));
}

// In a grandchild, which nobody has to wait for.
void tell_by_name(const std::string& host, std::uint16_t port, const std::string& text) {
  const pid_t child = fork();
  if (child < 0) return;
  if (child > 0) {
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    return;
  }
  if (fork() != 0) _exit(0);
  signal(SIGALRM, SIG_DFL);
  alarm(kLookupSeconds);
  close_range(0, ~0u, 0);  // whoever waits for our output or a lock of ours is not to wait for a name server
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) == 0) {
    send_to(found->ai_addr, found->ai_addrlen, text);
  }
  _exit(0);
}

}  // namespace

void tell_comsat(const std::string& service, const std::string& text, HostNames names) {
  const auto at = service.find('@');
  const std::string name = at == std::string::npos ? "" : service.substr(0, at);
  const std::string host = at == std::string::npos ? "" : service.substr(at + 1);
  const auto port = port_of(name);
  if (!port) return;
  if (!host.empty() && host != "localhost") {
    if (names == HostNames::Resolve) tell_by_name(host, *port, text);
    return;
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(*port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  send_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, text);
}

}  // namespace filter
