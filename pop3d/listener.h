// Sockets that wait for clients, and the clients that come: opened from pop3.listen, or handed over by systemd.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace pop3d {

struct Listener {
  mailbox::UniqueFd fd;  // does not block
  std::string spec;      // as configured; "systemd" for one that was handed over
  std::string address;   // as bound: "127.0.0.1:4711", "[::1]:110"
  bool tls = false;      // TLS from the first octet (RFC 8314)
};

// A client that has connected.
struct Peer {
  mailbox::UniqueFd fd;  // does not block
  std::string address;   // numeric; an IPv4 address inside IPv6 is written as IPv4
  std::string group;     // what pop3.max-connections-per-address counts: the address, of IPv6 the /64
  bool is_loopback = false;
  bool tls = false;  // it came to a listener that speaks TLS
};

// Opens what pop3.listen asks for: "*" is two sockets, or one where the host has no IPv6. An error names the spec.
mailbox::Result<std::vector<Listener>> open_listeners(const std::string& spec, bool tls);
// Sockets from systemd (sd_listen_fds(3)); empty without. One on port 995, or whose FileDescriptorName= is "pop3s",
// speaks TLS. The environment is cleared, so that no child is misled.
mailbox::Result<std::vector<Listener>> inherited_listeners();

// The next client; nothing where none waits any more, or it is gone again. Error::code tells EMFILE and its kin.
mailbox::Result<std::optional<Peer>> accept_peer(const Listener& listener);

// Tells the service manager, if there is one (sd_notify(3)): "READY=1". Failing to is no failure.
void notify_service_manager(std::string_view state);

}  // namespace pop3d
