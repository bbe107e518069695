// The starter: opens sockets, starts all other processes, keeps account of them.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/server.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "mailbox/site/keys.h"
#include "pop3d/authenticator.h"
#include "pop3d/confine.h"
#include "pop3d/front.h"
#include "pop3d/process.h"
#include "pop3d/worker.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;
using mailbox::system_failure;
using mailbox::UniqueFd;
using mailbox::site::Config;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostWorkers = 256;  // at once; further orders wait
constexpr std::size_t kMostFronts = 16;
constexpr std::size_t kMostPemSize = 64 * 1024;
constexpr std::size_t kMoreDescriptors = 2048;
constexpr auto kDrainTime = 20s;  // for sessions to end after TERM; more than a login's wait and a last write
constexpr auto kDrainStep = 10ms;
constexpr auto kAnswerTime = 30s;  // for a front to take a configuration

Result<CertificatePair> read_pair(const std::string& certificate, const std::string& key) {
  auto chain = mailbox::read_file(AT_FDCWD, certificate, kMostPemSize);
  if (!chain) return std::unexpected(std::move(chain).error().about("tls.certificate"));
  auto secret = mailbox::read_file(AT_FDCWD, key, kMostPemSize);
  if (!secret) return std::unexpected(std::move(secret).error().about("tls.key"));
  return CertificatePair{std::move(*chain), std::move(*secret)};
}

Letter listen_letter(int fd, const std::string& spec, const std::string& address, const std::string& what) {
  Letter letter{Letter::Kind::Listen, {spec, address, what}};
  letter.fds.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return letter;
}

// All keys that have one value.
bool send_settings(int channel, const Config& config) {
  for (const auto& key : mailbox::site::keys()) {
    if (key.is_repeatable()) continue;
    if (!send_letter(channel, {Letter::Kind::Setting, {std::string(key.name), written(config, key).at(0)}}))
      return false;
  }
  return true;
}

}  // namespace

Result<void> check_config(const Config& config) {
  // What would silently not be done is refused.
  if (config.retention_deleted.count() != 0) {
    return failure(ErrorKind::Permanent,
                   "retention.deleted is set, but this version of sluice-pop3d keeps no deleted mail");
  }
  return {};
}

Server::Server(CommandLine options, Config config)
    : options_(std::move(options)), config_(std::move(config)), log_(config_.log_level, config_.log_format) {}

Result<void> Server::start() {
  block_signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  signals_ = signal_fd({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  if (!signals_) return system_failure("cannot start");
  raise_descriptor_limit(config_.pop3_max_connections * kDescriptorsOfClient + kMoreDescriptors);
  auto inherited = inherited_listeners();
  if (!inherited) return std::unexpected(inherited.error());
  listeners_ = std::move(*inherited);
  inherited_ = !listeners_.empty();
  auto added = open_missing(config_);
  if (!added) return std::unexpected(added.error());
  auto metrics = open_metrics(config_.metrics_listen);
  if (!metrics) return std::unexpected(metrics.error());
  metrics_ = std::move(*metrics);
  if (auto done = start_processes(); !done) return done;
  if (auto done = configure(config_, std::move(*added), metrics_.fd()); !done) return done;
  listen_to_admin();
  tell_where();
  notify_service_manager("READY=1");
  return {};
}

void Server::tell_where() {
  if (metrics_.fd() >= 0) log_.write(Level::Info, LogLine("metrics").add("address", metrics_.address));
  for (const auto& listener : listeners_) {
    LogLine line("listening");
    if (listener.tls) line.add("tls", "yes");
    log_.write(Level::Info, line.add("address", listener.address));
  }
}

// As many fronts as it takes for max-connections with the descriptors that one process may have.
Result<void> Server::start_processes() {
  census_ = Census::make();
  if (census_ == nullptr) return system_failure("cannot start");
  const auto count =
      std::clamp<std::size_t>((config_.pop3_max_connections - 1) / room_for_clients() + 1, 1, kMostFronts);
  auto ours = make_channel();
  if (!ours) return std::unexpected(ours.error());
  authenticator_ = std::move(ours->first);
  std::vector<UniqueFd> kept, ends;
  kept.push_back(std::move(ours->second));
  for (std::size_t i = 0; i < count; ++i) {
    auto between = make_channel();
    if (!between) return std::unexpected(between.error());
    ends.push_back(std::move(between->first));
    kept.push_back(std::move(between->second));
  }
  authenticator_process_ = start_process("pop3d-auth", std::move(kept), [](std::vector<UniqueFd> fds) {
    auto starter = std::move(fds.front());
    fds.erase(fds.begin());
    return run_authenticator(std::move(starter), std::move(fds));
  });
  if (authenticator_process_ < 0) return system_failure("cannot start the authenticator");
  for (auto& end : ends)
    if (auto done = start_front(std::move(end)); !done) return done;
  return {};
}

Result<void> Server::start_front(UniqueFd authenticator) {
  auto ours = make_channel();
  if (!ours) return std::unexpected(ours.error());
  std::vector<UniqueFd> kept;
  kept.push_back(std::move(ours->second));
  kept.push_back(std::move(authenticator));
  const auto pid = start_process("pop3d-front", std::move(kept), [this](std::vector<UniqueFd> fds) {
    return run_front(std::move(fds[0]), std::move(fds[1]), *census_);
  });
  if (pid < 0) return system_failure("cannot start a front");
  fronts_.push_back({std::move(ours->first), pid});
  return {};
}

bool Server::has_fronts() const {
  return std::ranges::any_of(fronts_, [](const FrontProcess& front) { return front.process > 0; });
}

// What `config` listens to and is not open yet.
Result<std::vector<Listener>> Server::open_missing(const Config& config) const {
  std::vector<Listener> added;
  const auto open = [&](const std::vector<std::string>& specs, bool tls) -> Result<void> {
    for (const auto& spec : specs) {
      const auto is_it = [&](const Listener& known) { return known.spec == spec && known.tls == tls; };
      if (std::ranges::any_of(listeners_, is_it) || std::ranges::any_of(added, is_it)) continue;
      auto opened = open_listeners(spec, tls);
      if (!opened) return std::unexpected(opened.error());
      std::ranges::move(*opened, std::back_inserter(added));
    }
    return {};
  };
  if (inherited_) return added;
  if (auto done = open(config.pop3_listen, false); !done) return std::unexpected(done.error());
  if (config.tls_certificate.empty()) return added;
  if (auto done = open(config.pop3_listen_tls, true); !done) return std::unexpected(done.error());
  return added;
}

Result<void> Server::tell_front(int front, const Config& config, const std::vector<CertificatePair>& pairs,
                                const std::vector<const Listener*>& listeners, int metrics) {
  bool sent = send_settings(front, config);
  for (const auto& pair : pairs) sent = sent && send_letter(front, {Letter::Kind::Certificate, {pair.chain, pair.key}});
  for (const auto* listener : listeners)
    sent = sent && send_letter(front, listen_letter(listener->fd.get(), listener->spec, listener->address,
                                                    listener->tls ? "tls" : ""));
  if (metrics >= 0) sent = sent && send_letter(front, listen_letter(metrics, "", "", "metrics"));
  sent = sent && send_letter(front, {Letter::Kind::Apply});
  const auto answer = sent ? answer_of(front) : failure(ErrorKind::Temporary, "the front is gone");
  if (!answer) return std::unexpected(answer.error());
  if (answer->kind != Letter::Kind::Applied) return failure(ErrorKind::Permanent, answer->field(0));
  return {};
}

// Orders are taken meanwhile: the front may be waiting for the authenticator, and that for us.
Result<Letter> Server::answer_of(int front) {
  for (const auto until = Clock::now() + kAnswerTime; Clock::now() < until;) {
    pollfd polled[] = {{front, POLLIN, 0}, {authenticator_.get(), POLLIN, 0}};
    if (::poll(polled, std::size(polled), static_cast<int>(kAnswerTime / 1ms)) < 0) continue;
    if (polled[1].revents != 0) take_orders();
    if (polled[0].revents == 0) continue;
    auto letter = receive_letter(front);
    if (!letter) return std::unexpected(letter.error());
    if (*letter) return std::move(**letter);
  }
  return failure(ErrorKind::Temporary, "the front does not answer");
}

Result<void> Server::tell_authenticator(const Config& config) {
  authenticator_applied_ = false;
  if (!send_settings(authenticator_.get(), config) || !send_letter(authenticator_.get(), {Letter::Kind::Apply}))
    return failure(ErrorKind::Temporary, "the authenticator is gone");
  for (const auto until = Clock::now() + kAnswerTime; authenticator_ && Clock::now() < until;) {
    pollfd polled{authenticator_.get(), POLLIN, 0};
    if (::poll(&polled, 1, static_cast<int>(kAnswerTime / 1ms)) > 0) take_orders();
    if (authenticator_applied_) return {};
  }
  return failure(ErrorKind::Temporary, "the authenticator does not answer");
}

// Hands the fronts and the authenticator a configuration. On an error nothing has changed. One of the fronts tells the
// metrics of all.
Result<void> Server::configure(const Config& config, std::vector<Listener> added, int metrics) {
  const auto wanted = [&](const Listener& listener) {
    if (inherited_) return !listener.tls || !config.tls_certificate.empty();
    const auto& specs = listener.tls ? config.pop3_listen_tls : config.pop3_listen;
    return std::ranges::find(specs, listener.spec) != specs.end() && (!listener.tls || !config.tls_certificate.empty());
  };
  std::vector<CertificatePair> pairs;
  for (std::size_t i = 0; i < config.tls_certificate.size(); ++i) {
    auto pair = read_pair(config.tls_certificate[i], config.tls_key[i]);
    if (!pair) return std::unexpected(pair.error());
    pairs.push_back(std::move(*pair));
  }
  if (!std::ranges::any_of(listeners_, wanted) && added.empty())
    return failure(ErrorKind::Permanent, "nothing to listen to: pop3.listen is empty");
  std::vector<const Listener*> listeners;
  for (const auto& listener : listeners_)
    if (wanted(listener)) listeners.push_back(&listener);
  for (const auto& listener : added) listeners.push_back(&listener);
  for (const auto& front : fronts_) {
    auto done = tell_front(front.channel.get(), config, pairs, listeners, &front == &fronts_.front() ? metrics : -1);
    if (!done) return done;
  }
  if (auto done = tell_authenticator(config); !done) return done;
  if (!inherited_) std::erase_if(listeners_, [&](const Listener& old) { return !wanted(old); });
  std::ranges::move(added, std::back_inserter(listeners_));
  return {};
}

int Server::run() {
  while (!stopping_) wait();
  drain();
  return status_;
}

void Server::wait() {
  pollfd polled[] = {{signals_.get(), POLLIN, 0}, {authenticator_.get(), POLLIN, 0}, {control_.fd(), POLLIN, 0}};
  if (::poll(polled, std::size(polled), -1) < 0) return;
  if (polled[2].revents != 0)
    serve_control(control_, [this](const std::string& request) { return obey_admin(request); });
  if (polled[1].revents != 0) take_orders();
  if (polled[0].revents != 0) obey_signals();
}

void Server::obey_signals() {
  signalfd_siginfo signal;
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGHUP) reload();
    if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT) stopping_ = true;
  }
  reap();  // SIGCHLDs merge: whoever is gone is looked for each time
  start_workers();
}

// Mail is served without it, too.
void Server::listen_to_admin() {
  control_ = SocketFile();
  auto opened = open_control(config_.state_dir);
  if (opened) control_ = std::move(*opened);
  if (!opened) log_.write(Level::Warning, LogLine("no-control").add("detail", opened.error().text));
}

// "kick USER": "kicked N".
std::string Server::obey_admin(const std::string& request) {
  constexpr std::string_view kKick = "kick ";
  if (!request.starts_with(kKick)) return "unknown request\n";
  const auto user = request.substr(kKick.size());
  std::uint64_t kicked = 0;
  for (const auto& front : fronts_) {
    if (!send_letter(front.channel.get(), {Letter::Kind::Kick, {user}})) continue;
    const auto answer = answer_of(front.channel.get());
    if (answer && answer->kind == Letter::Kind::Kicked) kicked += answer->number(0);
  }
  log_.write(Level::Info, LogLine("kick").add("user", user).add("sessions", kicked));
  return "kicked " + std::to_string(kicked) + "\n";
}

void Server::take_orders() {
  for (;;) {
    auto letter = receive_letter(authenticator_.get());
    if (!letter) {  // it is gone: SIGCHLD comes, and reap() says what happened
      authenticator_.reset();
      break;
    }
    if (!*letter) break;
    const auto kind = (*letter)->kind;
    if (kind == Letter::Kind::Applied) authenticator_applied_ = true;
    if (kind == Letter::Kind::Order) orders_.push_back(std::move(**letter));
  }
  start_workers();
}

void Server::start_workers() {
  while (!orders_.empty() && workers_.size() < kMostWorkers) {
    auto order = std::move(orders_.front());
    orders_.pop_front();
    auto kept = std::move(order.fds);
    const auto pid = start_process("pop3d-worker", std::move(kept), [&](std::vector<UniqueFd> fds) {
      order.fds = std::move(fds);
      run_worker(config_, std::move(order));
      return 0;
    });
    if (pid > 0) workers_.insert(pid);
    if (pid < 0) log_.write(Level::Error, LogLine("worker-failed").add("user", order.field(2)));
  }
}

void Server::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto front = std::ranges::find(fronts_, pid, &FrontProcess::process);
    const bool is_front = front != fronts_.end();
    const bool is_authenticator = pid == authenticator_process_;
    workers_.erase(pid);
    if (is_front) front->process = -1;
    if (is_authenticator) authenticator_process_ = -1;
    const bool needed = (is_front || is_authenticator) && !stopping_;
    if (!WIFSIGNALED(status) && !needed) continue;
    log_.write(Level::Error,
               LogLine("process-died")
                   .add("role", is_front           ? "front"
                                : is_authenticator ? "authenticator"
                                                   : "worker")
                   .add("process", static_cast<std::uint64_t>(pid))
                   .add("signal", WIFSIGNALED(status) ? static_cast<std::uint64_t>(WTERMSIG(status)) : 0));
    if (!needed) continue;
    status_ = 1;  // the service manager starts all of us anew
    stopping_ = true;
  }
}

// HUP: the new configuration, or the old one whole. Sessions keep the one they began with.
void Server::reload() {
  notify_service_manager("RELOADING=1");
  auto read = mailbox::site::read_config(options_.config, options_.settings);
  auto usable = read ? check_config(*read) : Result<void>(std::unexpected(read.error()));
  if (usable) usable = take_over(std::move(*read));
  if (usable) log_.write(Level::Info, LogLine("reloaded"));
  if (!usable) log_.write(Level::Error, LogLine("reload-failed").add("detail", usable.error().text));
  notify_service_manager("READY=1");
}

Result<void> Server::take_over(Config config) {
  auto added = open_missing(config);
  if (!added) return std::unexpected(added.error());
  const bool other_metrics = config.metrics_listen != metrics_.spec;
  auto metrics = other_metrics ? open_metrics(config.metrics_listen) : Result<MetricsListener>(MetricsListener{});
  if (!metrics) return std::unexpected(metrics.error());
  auto done = configure(config, std::move(*added), other_metrics ? metrics->fd() : metrics_.fd());
  if (!done) return done;
  if (other_metrics) metrics_ = std::move(*metrics);
  const bool other_state = config.state_dir != config_.state_dir;
  config_ = std::move(config);
  log_ = Log(config_.log_level, config_.log_format);
  if (other_state) listen_to_admin();
  return {};
}

// Sessions obey what has come, finish a QUIT, and end; who has not after kDrainTime is killed, which an update of a
// mailbox survives (mailbox/maildrop.h). The fronts go first: they may still need the others.
void Server::drain() {
  notify_service_manager("STOPPING=1");
  control_ = SocketFile();
  metrics_ = MetricsListener();
  listeners_.clear();
  for (const auto& front : fronts_) send_letter(front.channel.get(), {Letter::Kind::Stop}, false);
  const auto until = Clock::now() + kDrainTime;
  while (has_fronts() && Clock::now() < until) {
    if (authenticator_process_ > 0) take_orders();
    reap();
    std::this_thread::sleep_for(kDrainStep);
  }
  authenticator_.reset();
  for (reap(); (!workers_.empty() || authenticator_process_ > 0) && Clock::now() < until; reap())
    std::this_thread::sleep_for(kDrainStep);
  auto left = workers_;
  for (const auto& front : fronts_)
    if (front.process > 0) left.insert(front.process);
  if (authenticator_process_ > 0) left.insert(authenticator_process_);
  for (const auto pid : left) ::kill(pid, SIGKILL);
  for (const auto pid : left) ::waitpid(pid, nullptr, 0);
  log_.write(Level::Info, LogLine("stopped").add("killed", left.size()));
}

}  // namespace pop3d
