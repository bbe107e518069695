// Opens metrics.listen, and answers who asks.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/metrics_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "pop3d/listener.h"

namespace pop3d {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Result;

constexpr auto kPatience = std::chrono::seconds(10);
constexpr std::string_view kUnix = "unix:";

}  // namespace

// Figures are no secret of the host's users: who may come to the socket is for its directory to say.
Result<MetricsListener> open_metrics(const std::string& spec) {
  if (spec.empty()) return MetricsListener{};
  if (spec.starts_with(kUnix)) {
    auto file = SocketFile::open(spec.substr(kUnix.size()), 0666);
    if (!file) return std::unexpected(file.error());
    return MetricsListener{.spec = spec, .file = std::move(*file), .address = spec};
  }
  if (!spec.starts_with("127.") && !spec.starts_with("[::1]:"))
    return failure(ErrorKind::Permanent, "metrics.listen: " + spec + " is not an address of the loopback interface");
  auto opened = open_listeners(spec, false);
  if (!opened) return std::unexpected(opened.error());
  auto& listener = opened->front();
  return MetricsListener{.spec = spec, .tcp = std::move(listener.fd), .address = listener.address};
}

MetricsClient::MetricsClient(EventLoop& loop, const Counters& counters, mailbox::UniqueFd fd,
                             std::function<void(MetricsClient&)> gone)
    : loop_(loop), counters_(counters), fd_(std::move(fd)), gone_(std::move(gone)) {
  loop_.watch(fd_.get(), watched_, EPOLLIN, *this, 0);
  loop_.set_timer(*this, loop_.now() + kPatience);
}

void MetricsClient::ready(unsigned, std::uint32_t) {
  std::array<char, 2048> buffer;
  const auto got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return finish();
  request_.append(buffer.data(), static_cast<std::size_t>(got));
  const auto answer = respond(request_, counters_);
  if (!answer) return;
  // Shorter than the smallest socket buffer, and the first that goes out: it is taken whole.
  if (::send(fd_.get(), answer->data(), answer->size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
    ::shutdown(fd_.get(), SHUT_WR);
  finish();
}

void MetricsClient::finish() {
  if (std::exchange(over_, true)) return;
  loop_.watch(fd_.get(), watched_, 0, *this, 0);
  gone_(*this);
}

}  // namespace pop3d
