// The front: the process that talks to clients, thousands at once, and may touch nothing else.
// SPDX-License-Identifier: Apache-2.0
//
// There are as many of them as the limit on descriptors asks for, as a rule one. It holds sockets and what it is sent;
// who may send it what is in DESIGN.md. One thread, one epoll.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "mailbox/file.h"
#include "pop3d/census.h"
#include "pop3d/client.h"
#include "pop3d/letter.h"
#include "pop3d/listener.h"
#include "pop3d/metrics_client.h"

namespace pop3d {

// Runs in a process of its own until it is told to stop and its sessions are over, or the starter is gone: the exit
// status. `starter` and `authenticator` are channels; `census` is shared with the other fronts.
int run_front(mailbox::UniqueFd starter, mailbox::UniqueFd authenticator, Census& census);

inline constexpr std::size_t kDescriptorsOfClient = 4;  // socket, lock, mailbox, errand
// For how many clients one front has descriptors.
std::size_t room_for_clients();

class Front final : public EventLoop::Watcher {
 public:
  Front(mailbox::UniqueFd starter, mailbox::UniqueFd authenticator, Census& census, std::size_t room,
        std::vector<std::string> unconfined);
  int run();

  void ready(unsigned tag, std::uint32_t events) override;
  void expired() override;

 private:
  // What is being configured, until Apply.
  struct Draft {
    mailbox::site::Config config{};
    std::vector<CertificatePair> certificates{};
    std::vector<Listener> listeners{};
    mailbox::UniqueFd metrics{};
    std::string wrong{};
  };

  void hear(Letter letter);
  void set(const std::string& key, const std::string& value);
  void apply();
  void stop();
  void kick(const std::string& user);
  void listen();
  void listen_no_more();
  void accept_all(const Listener& listener);
  void admit(Peer peer);
  void turn_away(const Peer& peer, std::string_view why);
  void gone(Client& client);
  void gone(MetricsClient& client);
  void accept_metrics_clients();

  mailbox::UniqueFd starter_;
  std::uint32_t starter_watched_ = 0, authenticator_watched_ = 0;
  Census& census_;
  std::size_t room_;                     // beyond, clients are left to other fronts
  std::vector<std::string> unconfined_;  // what this system does not offer, until it is logged
  FrontState state_;
  Draft draft_;
  std::vector<Listener> listeners_;
  std::vector<std::uint32_t> listeners_watched_;
  std::unordered_map<Client*, std::unique_ptr<Client>> clients_;
  mailbox::UniqueFd metrics_;  // listens, in one of the fronts
  std::uint32_t metrics_watched_ = 0;
  std::unordered_map<MetricsClient*, std::unique_ptr<MetricsClient>> metrics_clients_;
};

}  // namespace pop3d
