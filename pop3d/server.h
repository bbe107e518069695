// The starter: the first process, which opens sockets, starts all others, and obeys TERM and HUP.
// SPDX-License-Identifier: Apache-2.0
//
// It never reads a client's byte and never sees a password. Where it is root it is the only process that stays so
// besides the authenticator: it forks workers, and only when that orders one. Signals come as data (signalfd).
#pragma once

#include <sys/types.h>

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "mailbox/site/config.h"
#include "pop3d/census.h"
#include "pop3d/control.h"
#include "pop3d/letter.h"
#include "pop3d/listener.h"
#include "pop3d/log.h"
#include "pop3d/metrics_client.h"
#include "pop3d/options.h"
#include "pop3d/tls.h"

namespace pop3d {

// Whether this version can run with that configuration; the error is a sentence for the admin.
mailbox::Result<void> check_config(const mailbox::site::Config& config);

class Server {
 public:
  Server(CommandLine options, mailbox::site::Config config);

  // Opens the listeners and starts the front; afterwards clients can connect. The error is a sentence for the admin.
  mailbox::Result<void> start();
  // Serves until TERM or INT, then lets the sessions finish for a bounded time. The exit status.
  int run();

 private:
  void wait();
  void obey_signals();
  void listen_to_admin();
  std::string obey_admin(const std::string& request);
  void take_orders();
  void start_workers();
  void reap();
  void reload();
  mailbox::Result<void> take_over(mailbox::site::Config config);
  void drain();
  struct FrontProcess {
    mailbox::UniqueFd channel;
    pid_t process = -1;
  };
  mailbox::Result<void> start_processes();
  mailbox::Result<void> start_front(mailbox::UniqueFd authenticator);
  mailbox::Result<void> tell_front(int front, const mailbox::site::Config& config,
                                   const std::vector<CertificatePair>& pairs,
                                   const std::vector<const Listener*>& listeners, int metrics);
  mailbox::Result<Letter> answer_of(int front);
  mailbox::Result<void> tell_authenticator(const mailbox::site::Config& config);
  bool has_fronts() const;
  mailbox::Result<std::vector<Listener>> open_missing(const mailbox::site::Config& config) const;
  mailbox::Result<void> configure(const mailbox::site::Config& config, std::vector<Listener> added, int metrics);
  void tell_where();

  CommandLine options_;
  mailbox::site::Config config_;
  Log log_;
  mailbox::UniqueFd signals_;
  mailbox::UniqueFd authenticator_;  // channel
  bool authenticator_applied_ = false;
  std::vector<FrontProcess> fronts_;
  Census* census_ = nullptr;
  std::vector<Listener> listeners_;
  SocketFile control_;
  MetricsListener metrics_;
  bool inherited_ = false;
  bool stopping_ = false;
  int status_ = 0;
  pid_t authenticator_process_ = -1;
  std::deque<Letter> orders_;
  std::set<pid_t> workers_;
};

}  // namespace pop3d
