// The listener: accepts, counts, and forks a process for each connection; obeys TERM and HUP.
// SPDX-License-Identifier: Apache-2.0
//
// It never reads a client's byte. Signals come as data (signalfd), so nothing here has to be safe inside a handler.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "mailbox/site/config.h"
#include "pop3d/listener.h"
#include "pop3d/log.h"
#include "pop3d/options.h"

namespace pop3d {

// Whether this version can run with that configuration; the error is a sentence for the admin.
mailbox::Result<void> check_config(const mailbox::site::Config& config);

class Server {
 public:
  Server(CommandLine options, mailbox::site::Config config);

  // Opens the listeners; afterwards clients can connect. The error is a sentence for the admin.
  mailbox::Result<void> start();
  // Serves until TERM or INT, then lets the sessions finish for a bounded time. The exit status.
  int run();

 private:
  void wait();
  void obey_signals();
  void accept_all(const Listener& listener);
  void admit(Peer peer);
  void turn_away(const Peer& peer, std::string_view why);
  void serve(const Peer& peer);
  void reap();
  void reload();
  mailbox::Result<void> listen_to(const std::vector<std::string>& specs);
  void drain();

  CommandLine options_;
  mailbox::site::Config config_;
  Log log_;
  mailbox::UniqueFd signals_;
  mailbox::UniqueFd lifeline_read_, lifeline_write_;  // sessions end when the writing end is closed, or we are dead
  std::vector<Listener> listeners_;
  bool inherited_ = false;
  bool stopping_ = false;
  std::map<pid_t, std::string> sessions_;   // process: its peer's group
  std::map<std::string, unsigned> groups_;  // how many of each
};

}  // namespace pop3d
