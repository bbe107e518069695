// Opens listening sockets, takes them over from systemd, accepts clients.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "pop3d/endpoint.h"

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;

constexpr int kBacklog = 1024;
constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START
constexpr int kMostInherited = 64;
constexpr int kKeepaliveIdle = 60;      // seconds: a peer that is gone without a word is found out within about two
constexpr int kKeepaliveInterval = 20;  // minutes, so that it cannot hold its mailbox's session
constexpr int kKeepaliveProbes = 3;
constexpr unsigned kUserTimeout = 60'000;  // milliseconds that sent data may stay unacknowledged

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr_in& v4() const { return reinterpret_cast<const sockaddr_in&>(storage); }
  const sockaddr_in6& v6() const { return reinterpret_cast<const sockaddr_in6&>(storage); }
  bool is_v4() const { return storage.ss_family == AF_INET; }
};

std::string text_of(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, address, text, sizeof text);
  return text;
}

bool fill(Address& address, const std::string& host, std::uint16_t port) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.size = sizeof v4;
    return true;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  address.size = sizeof v6;
  return true;
}

std::string bound_address(int fd) {
  Address address;
  if (::getsockname(fd, address.raw(), &address.size) != 0) return "unknown";
  if (address.is_v4())
    return text_of(AF_INET, &address.v4().sin_addr) + ':' + std::to_string(ntohs(address.v4().sin_port));
  return '[' + text_of(AF_INET6, &address.v6().sin6_addr) + "]:" + std::to_string(ntohs(address.v6().sin6_port));
}

void set_option(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

int get_option(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

Result<Listener> open_one(const std::string& spec, const std::string& host, std::uint16_t port, bool tls) {
  const auto deed = "cannot listen on " + spec;
  Address address;
  if (!fill(address, host, port)) return failure(ErrorKind::Permanent, deed + ": not a numeric address");
  UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_failure(deed);
  set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (!address.is_v4()) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);  // "*" opens one for each family
  if (::bind(fd.get(), address.raw(), address.size) != 0) return system_failure(deed);
  if (::listen(fd.get(), kBacklog) != 0) return system_failure(deed);
  auto bound = bound_address(fd.get());
  return Listener{std::move(fd), spec, std::move(bound), tls};
}

void describe_v6(const in6_addr& address, Peer& peer) {
  peer.address = text_of(AF_INET6, &address);
  peer.is_loopback = IN6_IS_ADDR_LOOPBACK(&address);
  auto network = address;  // who has an IPv6 address usually has all of its /64
  std::fill(network.s6_addr + 8, network.s6_addr + 16, std::uint8_t{0});
  peer.group = text_of(AF_INET6, &network) + "/64";
}

void describe_v4(const in_addr& address, Peer& peer) {
  peer.address = peer.group = text_of(AF_INET, &address);
  peer.is_loopback = ntohl(address.s_addr) >> 24 == 127;
}

int environment_number(const char* name) {
  const char* text = std::getenv(name);
  int value = 0;
  if (text == nullptr) return 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

}  // namespace

Result<std::vector<Listener>> open_listeners(const std::string& spec, bool tls) {
  const auto endpoint = parse_endpoint(spec);
  if (!endpoint) return failure(ErrorKind::Permanent, "pop3.listen: " + endpoint.error());
  std::vector<Listener> opened;
  const bool any = endpoint->host == "*";
  for (const std::string host : {any ? "0.0.0.0" : endpoint->host.c_str(), "::"}) {
    auto listener = open_one(spec, host, endpoint->port, tls);
    if (!listener && host == "::" && listener.error().code == EAFNOSUPPORT) break;  // a host without IPv6
    if (!listener) return std::unexpected(listener.error());
    opened.push_back(std::move(*listener));
    if (!any) break;
  }
  return opened;
}

Result<std::vector<Listener>> inherited_listeners() {
  const int count = environment_number("LISTEN_PID") == ::getpid() ? environment_number("LISTEN_FDS") : 0;
  const char* const given = std::getenv("LISTEN_FDNAMES");
  std::string names = given == nullptr ? "" : given;
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  std::vector<Listener> inherited;
  if (count > kMostInherited) return failure(ErrorKind::Permanent, "LISTEN_FDS: more than 64 sockets");
  for (int fd = kFirstInherited; fd < kFirstInherited + count; ++fd) {
    const int family = get_option(fd, SO_DOMAIN);
    if (get_option(fd, SO_ACCEPTCONN) != 1 || (family != AF_INET && family != AF_INET6)) {
      return failure(ErrorKind::Permanent, "LISTEN_FDS: descriptor " + std::to_string(fd) + " does not listen for TCP");
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    const auto name = names.substr(0, names.find(':'));
    names.erase(0, name.size() + 1);
    auto address = bound_address(fd);
    const bool tls = name == "pop3s" || address.ends_with(":995");
    inherited.push_back({UniqueFd(fd), "systemd", std::move(address), tls});
  }
  return inherited;
}

Result<std::optional<Peer>> accept_peer(const Listener& listener) {
  Address address;
  Peer peer;
  peer.tls = listener.tls;
  peer.fd.reset(::accept4(listener.fd.get(), address.raw(), &address.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!peer.fd) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return system_failure("cannot accept");
    return std::optional<Peer>{};  // EAGAIN; or accept(2)'s list of errors of a connection that is gone again
  }
  if (address.is_v4()) {
    describe_v4(address.v4().sin_addr, peer);
  } else if (IN6_IS_ADDR_V4MAPPED(&address.v6().sin6_addr)) {
    in_addr inner;
    std::copy_n(address.v6().sin6_addr.s6_addr + 12, 4, reinterpret_cast<std::uint8_t*>(&inner));
    describe_v4(inner, peer);
  } else {
    describe_v6(address.v6().sin6_addr, peer);
  }
  set_option(peer.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(peer.fd.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(peer.fd.get(), IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdle);
  set_option(peer.fd.get(), IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveInterval);
  set_option(peer.fd.get(), IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  set_option(peer.fd.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kUserTimeout));
  return std::optional<Peer>(std::move(peer));
}

void notify_service_manager(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  const std::string_view name = path == nullptr ? "" : path;
  if (name.empty() || name.size() >= sizeof address.sun_path || (name[0] != '/' && name[0] != '@')) return;
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  if (name[0] == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size);
}

}  // namespace pop3d
