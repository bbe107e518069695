// Where metrics are asked for, and who asks: one request, one answer, and it is over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "mailbox/file.h"
#include "mailbox/result.h"
#include "pop3d/event_loop.h"
#include "pop3d/metrics.h"
#include "pop3d/socket_file.h"

namespace pop3d {

struct MetricsListener {
  std::string spec;         // as configured; empty: none
  SocketFile file{};        // "unix:PATH",
  mailbox::UniqueFd tcp{};  // or a loopback address
  std::string address{};    // as bound

  int fd() const { return tcp ? tcp.get() : file.fd(); }
};
// Permanent: the address is not the host's own.
mailbox::Result<MetricsListener> open_metrics(const std::string& spec);

class MetricsClient final : public EventLoop::Watcher {
 public:
  // `gone` is told when it is over, and buries it. All that it is given outlives it.
  MetricsClient(EventLoop& loop, const Counters& counters, mailbox::UniqueFd fd,
                std::function<void(MetricsClient&)> gone);
  void ready(unsigned tag, std::uint32_t events) override;
  void expired() override { finish(); }

 private:
  void finish();

  EventLoop& loop_;
  const Counters& counters_;
  mailbox::UniqueFd fd_;
  std::function<void(MetricsClient&)> gone_;
  std::uint32_t watched_ = 0;
  std::string request_;
  bool over_ = false;
};

}  // namespace pop3d
