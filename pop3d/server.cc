// Accepts clients and keeps account of their processes.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/server.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "pop3d/connection.h"
#include "pop3d/reply.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;
using Clock = std::chrono::steady_clock;

constexpr int kAcceptAtOnce = 64;  // of one listener, before the others and the signals have their turn
constexpr auto kPauseWithoutResources = 100ms;
constexpr auto kDrainTime = 20s;  // for sessions to end after TERM; more than a login's wait and a last write
constexpr auto kDrainStep = 10ms;

sigset_t signal_set(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals) ::sigaddset(&set, signal);
  return set;
}

UniqueFd signal_fd(std::initializer_list<int> signals) {
  const auto set = signal_set(signals);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

Result<void> check_config(const mailbox::site::Config& config) {
  if (config.accounts_source != mailbox::site::AccountSource::File) {
    return failure(ErrorKind::Permanent,
                   "accounts.source = file is needed for POP3: this version checks no passwords of system accounts");
  }
  if (config.accounts_file.empty()) return failure(ErrorKind::Permanent, "accounts.file is not set");
  // What would silently not be done is refused: mail in the clear, or gone that was to be kept.
  if (!config.tls_certificate.empty()) {
    return failure(ErrorKind::Permanent, "tls.certificate is set, but this version of sluice-pop3d does not speak TLS");
  }
  if (config.retention_deleted.count() != 0) {
    return failure(ErrorKind::Permanent,
                   "retention.deleted is set, but this version of sluice-pop3d keeps no deleted mail");
  }
  return {};
}

Server::Server(CommandLine options, mailbox::site::Config config)
    : options_(std::move(options)), config_(std::move(config)), log_(config_.log_level, config_.log_format) {}

Result<void> Server::start() {
  // Blocked for good, here and in sessions: they are read as data, and nothing interrupts an update of a mailbox.
  const auto all = signal_set({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  signals_ = signal_fd({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  int ends[2];
  if (!signals_ || ::pipe2(ends, O_CLOEXEC) != 0) return system_failure("cannot start");
  lifeline_read_.reset(ends[0]);
  lifeline_write_.reset(ends[1]);
  auto inherited = inherited_listeners();
  if (!inherited) return std::unexpected(inherited.error());
  listeners_ = std::move(*inherited);
  inherited_ = !listeners_.empty();
  if (!inherited_) {
    if (auto done = listen_to(config_.pop3_listen); !done) return done;
  }
  for (const auto& listener : listeners_)
    log_.write(Level::Info, LogLine("listening").add("address", listener.address));
  notify_service_manager("READY=1");
  return {};
}

int Server::run() {
  while (!stopping_) wait();
  drain();
  return 0;
}

void Server::wait() {
  std::vector<pollfd> polled{{signals_.get(), POLLIN, 0}};
  for (const auto& listener : listeners_) polled.push_back({listener.fd.get(), POLLIN, 0});
  if (::poll(polled.data(), polled.size(), -1) < 0) return;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (polled[i + 1].revents != 0) accept_all(listeners_[i]);
  }
  if (polled[0].revents != 0) obey_signals();  // last: a reload changes the list of listeners
}

void Server::obey_signals() {
  signalfd_siginfo signal;
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGHUP) reload();
    if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT) stopping_ = true;
  }
  reap();  // SIGCHLDs merge: whoever is gone is looked for each time
}

void Server::accept_all(const Listener& listener) {
  for (int i = 0; i < kAcceptAtOnce; ++i) {
    auto peer = accept_peer(listener);
    if (!peer) {
      log_.write(Level::Error, LogLine("accept-failed").add("detail", peer.error().text));
      std::this_thread::sleep_for(kPauseWithoutResources);  // the client still waits: poll would spin
      return;
    }
    if (!*peer) return;
    admit(std::move(**peer));
  }
}

void Server::admit(Peer peer) {
  const auto known = groups_.find(peer.group);
  const unsigned of_group = known == groups_.end() ? 0 : known->second;
  if (sessions_.size() >= config_.pop3_max_connections) return turn_away(peer, "too many connections");
  if (of_group >= config_.pop3_max_connections_per_address) {
    return turn_away(peer, "too many connections from your address");
  }
  const pid_t pid = ::fork();
  if (pid < 0) return turn_away(peer, "out of resources");
  if (pid == 0) {
    serve(peer);
    ::_exit(0);
  }
  ++groups_[peer.group];
  sessions_.emplace(pid, peer.group);
}

void Server::turn_away(const Peer& peer, std::string_view why) {
  log_.write(Level::Warning, LogLine("refused").add("address", peer.address).add("reason", why));
  const auto reply = err(Code::SysTemp, why);
  ::send(peer.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// In the session's process. Nothing may leave it but by _exit: the listener's stack lies below.
void Server::serve(const Peer& peer) {
  try {
    listeners_.clear();
    lifeline_write_.reset();
    signals_ = signal_fd({SIGTERM, SIGINT});
    Connection(peer, config_, log_, signals_.get(), lifeline_read_.get()).run();
  } catch (const std::exception& error) {
    log_.write(Level::Error, LogLine("session-broken").add("address", peer.address).add("detail", error.what()));
  } catch (...) {
    log_.write(Level::Error, LogLine("session-broken").add("address", peer.address));
  }
}

void Server::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto session = sessions_.find(pid);
    if (session == sessions_.end()) continue;
    const auto group = groups_.find(session->second);
    if (group != groups_.end() && --group->second == 0) groups_.erase(group);
    sessions_.erase(session);
    if (!WIFSIGNALED(status)) continue;
    log_.write(Level::Error, LogLine("session-killed")
                                 .add("process", static_cast<std::uint64_t>(pid))
                                 .add("signal", static_cast<std::uint64_t>(WTERMSIG(status))));
  }
}

// HUP: the new configuration, or the old one whole. Sessions keep the one they began with.
void Server::reload() {
  notify_service_manager("RELOADING=1");
  auto read = mailbox::site::read_config(options_.config, options_.settings);
  auto usable = read ? check_config(*read) : Result<void>(std::unexpected(read.error()));
  if (usable && !inherited_) usable = listen_to(read->pop3_listen);
  if (usable) {
    config_ = std::move(*read);
    log_ = Log(config_.log_level, config_.log_format);
    log_.write(Level::Info, LogLine("reloaded"));
  } else {
    log_.write(Level::Error, LogLine("reload-failed").add("detail", usable.error().text));
  }
  notify_service_manager("READY=1");
}

// Listens to exactly these; what is open already stays as it is. On an error nothing has changed.
Result<void> Server::listen_to(const std::vector<std::string>& specs) {
  const auto is_open = [](const std::vector<Listener>& list, const std::string& spec) {
    return std::ranges::find(list, spec, &Listener::spec) != list.end();
  };
  std::vector<Listener> added;
  for (const auto& spec : specs) {
    if (is_open(listeners_, spec) || is_open(added, spec)) continue;
    auto opened = open_listeners(spec);
    if (!opened) return std::unexpected(opened.error());
    std::ranges::move(*opened, std::back_inserter(added));
  }
  std::erase_if(listeners_, [&](const Listener& old) { return std::ranges::find(specs, old.spec) == specs.end(); });
  std::ranges::move(added, std::back_inserter(listeners_));
  if (listeners_.empty()) return failure(ErrorKind::Permanent, "pop3.listen is empty");
  return {};
}

// Sessions obey what has come, finish a QUIT, and end; who has not after kDrainTime is killed, which an update of a
// mailbox survives (mailbox/maildrop.h).
void Server::drain() {
  notify_service_manager("STOPPING=1");
  listeners_.clear();
  lifeline_write_.reset();
  const auto until = Clock::now() + kDrainTime;
  for (reap(); !sessions_.empty() && Clock::now() < until; reap()) std::this_thread::sleep_for(kDrainStep);
  for (const auto& [pid, group] : sessions_) ::kill(pid, SIGKILL);
  for (const auto& [pid, group] : sessions_) ::waitpid(pid, nullptr, 0);
  log_.write(Level::Info, LogLine("stopped").add("killed", sessions_.size()));
}

}  // namespace pop3d
