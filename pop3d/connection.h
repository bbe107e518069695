// One client's connection: does what its session asks for, in a process of its own.
// SPDX-License-Identifier: Apache-2.0
//
// Output is collected and sent whole (status line, message and final dot in one write where they fit), and sent before
// more input is read: what waits is bounded by kFlushAt and one piece of a message. A client that takes nothing for
// kWriteTimeout is left. QUIT's update is done although the client may be gone, unless a message that it asked for
// before could not be sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "mailbox/maildrop.h"
#include "mailbox/site/config.h"
#include "pop3d/listener.h"
#include "pop3d/log.h"
#include "pop3d/session.h"

namespace pop3d {

class Connection {
 public:
  // All borrowed, and to live as long as the connection. `signals` is a signalfd with TERM and INT, `lifeline` the
  // reading end of a pipe whose other end only the listener holds: something in either means that we are to end soon.
  Connection(const Peer& peer, const mailbox::site::Config& config, const Log& log, int signals, int lifeline);

  // Returns when the session is over and logged.
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Wake { Ready, TimeOut, ShuttingDown };

  bool perform(const Receive& asked);
  bool perform(const Send& asked);
  bool perform(const Authenticate& asked);
  bool perform(const Retrieve& asked);
  bool perform(const Commit& asked);
  bool perform(const Close& asked);

  Wake wait(int events, TimePoint until);
  void read();
  bool flush();
  void linger();
  bool hang_up(std::string_view reason);
  void log_session() const;

  const Peer& peer_;
  const mailbox::site::Config& config_;
  const Log& log_;
  int signals_;
  int lifeline_;
  Session session_;
  std::optional<mailbox::Maildrop> drop_;
  std::string output_;          // not sent yet
  bool message_waits_ = false;  // part of a message is in there
  bool shutting_down_ = false;
  unsigned failures_ = 0;     // wrong passwords
  std::uint64_t octets_ = 0;  // of messages, sent
  std::string reason_;        // why it ended, where the session does not know
  TimePoint started_;
};

}  // namespace pop3d
