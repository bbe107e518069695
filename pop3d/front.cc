// The front: accepts clients, keeps account of them, takes configurations.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/front.h"

#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>

#include "mailbox/site/keys.h"
#include "pop3d/confine.h"
#include "pop3d/reply.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::UniqueFd;

constexpr unsigned kStarter = 0;
constexpr unsigned kListener = 1;
constexpr unsigned kAuthenticator = 2;
constexpr unsigned kMetrics = 3;
constexpr std::size_t kMostMetricsClients = 16;
constexpr int kAcceptAtOnce = 64;  // of one listener, before the others have their turn
constexpr auto kPauseWithoutResources = 100ms;
constexpr std::size_t kOwnDescriptors = 128;

}  // namespace

std::size_t room_for_clients() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kOwnDescriptors) return 1;
  return (limit.rlim_cur - kOwnDescriptors) / kDescriptorsOfClient;
}

int run_front(UniqueFd starter, UniqueFd authenticator, Census& census) {
  ::OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);  // both read their files while there are files
  ::tzset();
  const auto room = room_for_clients();
  const auto missing = confine_front();
  if (!missing) {
    send_letter(starter.get(), {Letter::Kind::Rejected, {missing.error().text}});
    while (receive_letter(starter.get(), true)) continue;  // else what is unread would take our answer along
    return 1;
  }
  return Front(std::move(starter), std::move(authenticator), census, room, *missing).run();
}

Front::Front(UniqueFd starter, UniqueFd authenticator, Census& census, std::size_t room,
             std::vector<std::string> unconfined)
    : starter_(std::move(starter)),
      census_(census),
      room_(room),
      unconfined_(std::move(unconfined)),
      state_(census.counters) {
  state_.authenticator = std::move(authenticator);
  state_.gone = [this](Client& client) { gone(client); };
}

int Front::run() {
  if (!state_.loop.works()) return 1;
  state_.loop.watch(starter_.get(), starter_watched_, EPOLLIN, *this, kStarter);
  state_.loop.watch(state_.authenticator.get(), authenticator_watched_, EPOLLIN, *this, kAuthenticator);
  while (!state_.stopping || !clients_.empty()) state_.loop.turn();
  return 0;
}

void Front::ready(unsigned tag, std::uint32_t) {
  if (tag == kListener) {
    for (const auto& listener : listeners_) accept_all(listener);
    return;
  }
  if (tag == kMetrics) return accept_metrics_clients();
  if (tag == kAuthenticator) {
    const auto letter = receive_letter(state_.authenticator.get());
    if (letter && *letter && (*letter)->kind == Letter::Kind::Scram) state_.scram = (*letter)->field(0) == "yes";
    // Without it nobody can log in; the starter sees that, too.
    if (!letter) state_.loop.watch(state_.authenticator.get(), authenticator_watched_, 0, *this, kAuthenticator);
    return;
  }
  auto letter = receive_letter(starter_.get());
  if (!letter) return stop();  // nobody is left who could start a worker
  if (*letter) hear(std::move(**letter));
}

void Front::hear(Letter letter) {
  switch (letter.kind) {
    case Letter::Kind::Setting:
      return set(letter.field(0), letter.field(1));
    case Letter::Kind::Certificate:
      draft_.certificates.push_back({letter.field(0), letter.field(1)});
      return;
    case Letter::Kind::Listen:
      if (letter.field(2) == "metrics") {
        draft_.metrics = letter.fd(0);
        return;
      }
      draft_.listeners.push_back({letter.fd(0), letter.field(0), letter.field(1), letter.field(2) == "tls"});
      return;
    case Letter::Kind::Apply:
      return apply();
    case Letter::Kind::Stop:
      return stop();
    case Letter::Kind::Kick:
      return kick(letter.field(0));
    default:
      return;
  }
}

void Front::set(const std::string& key, const std::string& value) {
  const auto* known = mailbox::site::find_key(key);
  if (known == nullptr || known->is_repeatable()) return;  // lists are nothing that a front looks at
  if (const auto wrong = mailbox::site::assign(draft_.config, *known, {value})) draft_.wrong = key + ": " + *wrong;
}

// The new configuration, or the old one whole. Sessions keep the certificate that they began with.
void Front::apply() {
  auto draft = std::exchange(draft_, Draft());
  std::shared_ptr<const Tls> tls;
  if (!draft.certificates.empty() && draft.wrong.empty()) {
    auto made = Tls::make(draft.certificates);
    if (made) tls = std::move(*made);
    if (!made) draft.wrong = made.error().text;
  }
  if (!draft.wrong.empty()) {
    send_letter(starter_.get(), {Letter::Kind::Rejected, {draft.wrong}});
    return;
  }
  state_.config = std::move(draft.config);
  state_.log = Log(state_.config.log_level, state_.config.log_format);
  state_.tls = std::move(tls);
  listen_no_more();
  listeners_ = std::move(draft.listeners);
  listeners_watched_.assign(listeners_.size(), 0);
  listen();
  state_.loop.watch(metrics_.get(), metrics_watched_, 0, *this, kMetrics);
  metrics_ = std::move(draft.metrics);
  state_.loop.watch(metrics_.get(), metrics_watched_, EPOLLIN, *this, kMetrics);
  for (const auto& missing : std::exchange(unconfined_, {}))
    state_.log.write(Level::Warning, LogLine("not-confined").add("missing", missing));
  send_letter(starter_.get(), {Letter::Kind::Applied});
}

void Front::listen() {
  if (clients_.size() >= room_) return;
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    state_.loop.watch(listeners_[i].fd.get(), listeners_watched_[i], EPOLLIN | EPOLLEXCLUSIVE, *this, kListener);
}

void Front::listen_no_more() {
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    state_.loop.watch(listeners_[i].fd.get(), listeners_watched_[i], 0, *this, kListener);
}

// Sessions obey what has come, finish a QUIT, and end.
void Front::stop() {
  if (std::exchange(state_.stopping, true)) return;
  state_.loop.watch(starter_.get(), starter_watched_, 0, *this, kStarter);
  listeners_.clear();
  state_.loop.watch(metrics_.get(), metrics_watched_, 0, *this, kMetrics);
  std::vector<Client*> all;
  for (const auto& [client, owned] : clients_) all.push_back(client);
  for (auto* client : all) client->wind_up();
}

// The lock of a session that is ended is free when the starter hears of it.
void Front::kick(const std::string& user) {
  std::vector<Client*> theirs;
  for (const auto& [client, owned] : clients_)
    if (!user.empty() && client->user() == user) theirs.push_back(client);
  const auto kicked = std::ranges::count_if(theirs, [](Client* client) { return client->kick(); });
  send_letter(starter_.get(), {Letter::Kind::Kicked, {std::to_string(kicked)}});
}

void Front::accept_all(const Listener& listener) {
  for (int i = 0; i < kAcceptAtOnce; ++i) {
    if (clients_.size() >= room_) return listen_no_more();
    auto peer = accept_peer(listener);
    if (!peer) {
      state_.log.write(Level::Error, LogLine("accept-failed").add("detail", peer.error().text));
      // The client still waits, so epoll would tell again at once.
      listen_no_more();
      return state_.loop.set_timer(*this, state_.loop.now() + kPauseWithoutResources);
    }
    if (!*peer) return;
    admit(std::move(**peer));
  }
}

void Front::expired() { listen(); }

void Front::admit(Peer peer) {
  switch (
      census_.admit(peer.group, state_.config.pop3_max_connections, state_.config.pop3_max_connections_per_address)) {
    case Census::Answer::TooMany:
      return turn_away(peer, "too many connections");
    case Census::Answer::TooManyOfNetwork:
      return turn_away(peer, "too many connections from your address");
    case Census::Answer::Welcome:
      break;
  }
  ++state_.counters.connections;
  ++state_.counters.clients;
  auto client = std::make_unique<Client>(state_, std::move(peer));
  auto& begun = *client;
  clients_.emplace(&begun, std::move(client));
  begun.begin();
}

void Front::turn_away(const Peer& peer, std::string_view why) {
  ++state_.counters.turned_away;
  state_.log.write(Level::Warning, LogLine("refused").add("address", peer.address).add("reason", why));
  if (peer.tls) return;  // it would not understand
  const auto reply = err(Code::SysTemp, why);
  ::send(peer.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Those that are too many wait.
void Front::accept_metrics_clients() {
  while (metrics_clients_.size() < kMostMetricsClients) {
    UniqueFd fd(::accept4(metrics_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) return;
    auto client = std::make_unique<MetricsClient>(state_.loop, state_.counters, std::move(fd),
                                                  [this](MetricsClient& over) { gone(over); });
    auto* const begun = client.get();
    metrics_clients_.emplace(begun, std::move(client));
  }
  state_.loop.watch(metrics_.get(), metrics_watched_, 0, *this, kMetrics);
}

void Front::gone(MetricsClient& client) {
  const auto owned = metrics_clients_.find(&client);
  if (owned == metrics_clients_.end()) return;
  state_.loop.bury(std::move(owned->second));
  metrics_clients_.erase(owned);
  if (!state_.stopping) state_.loop.watch(metrics_.get(), metrics_watched_, EPOLLIN, *this, kMetrics);
}

void Front::gone(Client& client) {
  census_.leave(client.peer().group);
  const auto owned = clients_.find(&client);
  if (owned == clients_.end()) return;
  --state_.counters.clients;
  state_.loop.bury(std::move(owned->second));
  clients_.erase(owned);
  if (!state_.stopping && clients_.size() + 1 == room_) listen();
}

}  // namespace pop3d
