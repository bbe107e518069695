// Sockets, time and the mailbox, on behalf of a session.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/connection.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "pop3d/dot_stuffer.h"
#include "pop3d/login.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::site::CleartextLogin;

constexpr std::size_t kReadAtOnce = 4096;
constexpr std::size_t kFlushAt = 64 * 1024;
constexpr auto kWriteTimeout = 60s;  // without a single octet taken
constexpr auto kWriteTimeoutAtShutdown = 3s;
constexpr auto kLinger = 1s;  // for a client that still talks when we have ended
constexpr std::size_t kMostLingered = 1024 * 1024;
constexpr auto kFirstFailureDelay = 1s;  // of a wrong password; doubled for each further one
constexpr unsigned kMostDoublings = 2;

bool allows_cleartext(CleartextLogin policy, const Peer& peer) {
  switch (policy) {
    case CleartextLogin::Never:
      return false;
    case CleartextLogin::Loopback:
      return peer.is_loopback;
    case CleartextLogin::Always:
      return true;
  }
  return false;
}

// The drop as the session sees it; the connection owns the drop.
class DropList : public MessageList {
 public:
  explicit DropList(const mailbox::Maildrop& drop) : entries_(drop.entries()) {}
  std::size_t size() const override { return entries_.size(); }
  std::uint64_t octets(std::size_t index) const override { return entries_[index].octets; }
  std::string_view uidl(std::size_t index) const override { return entries_[index].uidl; }

 private:
  const std::vector<mailbox::Maildrop::Entry>& entries_;
};

}  // namespace

Connection::Connection(const Peer& peer, const mailbox::site::Config& config, const Log& log, int signals, int lifeline)
    : peer_(peer),
      config_(config),
      log_(log),
      signals_(signals),
      lifeline_(lifeline),
      session_({.cleartext_login = allows_cleartext(config.pop3_cleartext_login, peer)}, Clock::now()),
      started_(Clock::now()) {}

void Connection::run() {
  for (bool going_on = true; going_on;) {
    const auto request = session_.next(Clock::now());
    output_ += session_.take_output();
    going_on = std::visit([this](const auto& asked) { return perform(asked); }, request);
  }
  drop_.reset();
  log_session();
}

bool Connection::perform(const Receive&) {
  if (!flush()) return false;
  switch (wait(POLLIN, session_.deadline())) {
    case Wake::Ready:
      read();
      break;
    case Wake::TimeOut:
      session_.expire(Clock::now());
      break;
    case Wake::ShuttingDown:
      read();  // what is here already is still obeyed
      session_.wind_up("shutdown");
      break;
  }
  return true;
}

bool Connection::perform(const Send&) { return flush(); }

bool Connection::perform(const Authenticate& asked) {
  const auto began = Clock::now();
  auto drop = log_in(config_, asked.user, asked.password, peer_.address);
  if (drop) {
    drop_ = std::move(*drop);
    session_.authenticated(std::make_unique<DropList>(*drop_));
    return true;
  }
  const auto& refusal = drop.error();
  LogLine line("login-failed");  // what fail2ban looks for: the address stands before anything a client says
  line.add("address", peer_.address).add("user", asked.user).add("reason", refusal.reason);
  if (!refusal.detail.empty()) line.add("detail", refusal.detail);
  log_.write(refusal.code == Code::Auth ? Level::Warning : Level::Error, line);
  if (refusal.code == Code::Auth) {
    // Counted from the beginning, so that the time tells nothing about how far the check went.
    const auto until = began + kFirstFailureDelay * (1u << std::min(failures_++, kMostDoublings));
    if (!flush()) return false;
    if (wait(0, until) == Wake::ShuttingDown) session_.wind_up("shutdown");
  }
  session_.refused(refusal.code, refusal.text, refusal.is_final);
  return true;
}

bool Connection::perform(const Retrieve& asked) {
  DotStuffer stuffer(asked.body_lines);
  bool status_is_out = false;
  bool client_is_there = true;
  bool enough = false;
  std::uint64_t octets = 0;
  const auto begin = [&] {
    if (!std::exchange(status_is_out, true)) output_ += asked.status;
    message_waits_ = true;
  };
  const auto fetched = drop_->fetch(asked.index, [&](std::string_view piece) {
    begin();
    octets += piece.size();
    enough = !stuffer.add(piece, output_);
    if (output_.size() >= kFlushAt) client_is_there = flush();
    return client_is_there && !enough;
  });
  if (!client_is_there) return false;
  octets_ += octets;
  const bool right = asked.body_lines || octets == drop_->entries()[asked.index].octets;
  if (!enough && (!fetched || !right)) {
    const auto why = fetched ? "the message is not as long as it was at login" : fetched.error().text;
    log_.write(Level::Error, LogLine("mailbox-error").add("user", session_.summary().user).add("detail", why));
    session_.retrieval_failed(status_is_out);
    return true;
  }
  begin();
  stuffer.finish(output_);
  session_.retrieved();
  return true;
}

bool Connection::perform(const Commit& asked) {
  // A client that could not take a message which it asked for must not lose it by the DELE it had sent ahead.
  if (message_waits_ && !flush()) return false;
  const auto removed = drop_->remove(asked.deleted);
  if (!removed) {
    log_.write(Level::Error,
               LogLine("update-failed").add("user", session_.summary().user).add("detail", removed.error().text));
  }
  drop_.reset();  // a client that sees +OK can log in again at once
  session_.committed(removed.has_value());
  return true;
}

bool Connection::perform(const Close&) {
  drop_.reset();  // let the next session in before anything else
  if (flush()) linger();
  reason_ = session_.summary().reason;  // that the client did not wait for the last reply is no news
  return false;
}

// This is tricky: closing a socket with unread input resets the connection, and the client may lose our last reply.
void Connection::linger() {
  ::shutdown(peer_.fd.get(), SHUT_WR);
  const auto until = Clock::now() + kLinger;
  char bytes[kReadAtOnce];
  for (std::size_t dropped = 0; dropped < kMostLingered;) {
    const auto got = ::recv(peer_.fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0) {
      dropped += static_cast<std::size_t>(got);
    } else if (got == 0 || errno != EAGAIN || dropped == 0 || wait(POLLIN, until) != Wake::Ready) {
      return;
    }
  }
}

// Waits for the client, for the end of time, or for the order to end, which comes once.
Connection::Wake Connection::wait(int events, TimePoint until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return Wake::TimeOut;
    pollfd polled[] = {{events == 0 ? -1 : peer_.fd.get(), static_cast<short>(events), 0},
                       {shutting_down_ ? -1 : signals_, POLLIN, 0},
                       {shutting_down_ ? -1 : lifeline_, POLLIN, 0}};
    if (::poll(polled, std::size(polled), static_cast<int>(std::min<long long>(left, 3'600'000))) <= 0) continue;
    if (polled[1].revents != 0 || polled[2].revents != 0) {
      shutting_down_ = true;
      return Wake::ShuttingDown;
    }
    return Wake::Ready;
  }
}

void Connection::read() {
  char bytes[kReadAtOnce];
  const auto got = ::recv(peer_.fd.get(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (got > 0) return session_.receive({bytes, static_cast<std::size_t>(got)});
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  session_.input_ended();  // half-closed or gone: what came whole still counts
}

// False: the client is gone or takes nothing, and the session is over.
bool Connection::flush() {
  std::string_view rest(output_);
  while (!rest.empty()) {
    const auto sent = ::send(peer_.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) return hang_up("disconnected");
    const auto patience = shutting_down_ ? kWriteTimeoutAtShutdown : kWriteTimeout;
    switch (wait(POLLOUT, Clock::now() + patience)) {
      case Wake::Ready:
        break;
      case Wake::TimeOut:
        return hang_up("write-timeout");
      case Wake::ShuttingDown:
        session_.wind_up("shutdown");
        break;
    }
  }
  output_.clear();
  message_waits_ = false;
  return true;
}

bool Connection::hang_up(std::string_view reason) {
  reason_ = reason;
  return false;
}

void Connection::log_session() const {
  const auto& summary = session_.summary();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_).count();
  log_.write(Level::Info, LogLine("session")
                              .add("user", summary.user)
                              .add("address", peer_.address)
                              .add("messages", summary.messages)
                              .add("retrieved", summary.retrieved)
                              .add("deleted", summary.deleted)
                              .add("octets", octets_)
                              .add("milliseconds", static_cast<std::uint64_t>(time))
                              .add("reason", reason_));
}

}  // namespace pop3d
