// Sockets and time, on behalf of a session.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/client.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::site::CleartextLogin;

constexpr int kStepsAtOnce = 32;  // of one client, before the others have their turn
constexpr std::size_t kFlushAt = 64 * 1024;
constexpr auto kWriteTimeout = 60s;  // without a single octet taken
constexpr auto kWriteTimeoutAtShutdown = 3s;
constexpr auto kHandshakeTime = 30s;
constexpr auto kLinger = 1s;  // for a client that still talks when we have ended
constexpr std::size_t kMostLingered = 1024 * 1024;

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

}  // namespace

Client::Client(FrontState& front, Peer peer)
    : front_(front),
      peer_(std::move(peer)),
      stream_(peer_.fd.get()),
      session_({.cleartext_login = allows_cleartext(front.config.pop3_cleartext_login, peer_),
                .offers_tls = front.tls != nullptr,
                .is_secure = peer_.tls,
                .scram = front.scram},
               front.loop.now()),
      started_(front.loop.now()) {}

std::chrono::seconds Client::age() const { return std::chrono::duration_cast<std::chrono::seconds>(now() - started_); }

void Client::begin() {
  handshaking_ = peer_.tls;
  handshake_until_ = now() + kHandshakeTime;
  if (handshaking_ && (!front_.tls || !stream_.start_tls(front_.tls))) return static_cast<void>(hang_up("tls-failed"));
  proceed();
}

void Client::wind_up() {
  if (over_ || lingering_) return;
  if (handshaking_) return static_cast<void>(hang_up("shutdown"));
  if (awaits_input_) read();  // what is here already is still obeyed
  session_.wind_up("shutdown");
  if (blocked_until_) blocked_until_ = std::min(*blocked_until_, now() + kWriteTimeoutAtShutdown);
  if (refusal_) return end_pause();
  proceed();
}

bool Client::kick() {
  if (over_ || lingering_ || errand_ == Errand::Commit) return false;
  hang_up("kicked");
  return true;
}

void Client::ready(unsigned tag, std::uint32_t) {
  if (tag == kSocket) {
    readable_ = true;
    return proceed();
  }
  auto letter = receive_letter(errand_fd_.get());
  if (!letter) return errand_broke();
  if (*letter) hear(std::move(**letter));
}

// A time is over, or it is this client's turn again.
void Client::expired() {
  const auto time = now();
  if (blocked_until_ && time >= *blocked_until_) return static_cast<void>(hang_up("write-timeout"));
  if (handshaking_ && time >= handshake_until_) return static_cast<void>(hang_up("tls-timeout"));
  if (lingering_ && time >= linger_until_) return finish();
  if (refusal_ && time >= errand_until_) return end_pause();
  if (errand_ != Errand::None && time >= errand_until_) return errand_broke();
  if (awaits_input_) session_.expire(time);
  proceed();
}

void Client::proceed() {
  for (int i = 0; i < kStepsAtOnce; ++i)
    if (!step()) return;
  front_.loop.again(*this);
}

bool Client::step() {
  if (over_) return false;
  if (lingering_) return linger();
  if (handshaking_) return shake_hands();
  if (output_.size() - sent_ >= kFlushAt && !flush()) return false;
  if (commit_) return begin_commit();
  if (starts_tls_) return start_tls();
  if (errand_ != Errand::None || refusal_) return attend(), false;
  if (retrieval_) return send_piece();
  awaits_input_ = false;
  const auto request = session_.next(now());
  output_ += session_.take_output();
  return std::visit([this](const auto& asked) { return perform(asked); }, request);
}

// Nothing is read meanwhile. A client that is gone ends its login, but never a QUIT that has begun.
void Client::attend() {
  if (errand_ != Errand::Commit && !flush()) return;
  wait(0, errand_until_);
}

bool Client::shake_hands() {
  const auto done = stream_.handshake();
  if (done.status == Stream::Status::Again) return wait(done.wants, handshake_until_), false;
  handshaking_ = false;
  ++(done.status == Stream::Status::Done ? front_.counters.handshakes : front_.counters.failed_handshakes);
  if (done.status == Stream::Status::Done) return readable_ = true;
  front_.log.write(Level::Info, LogLine("tls-failed").add("address", peer_.address).add("detail", tls_error()));
  return hang_up("tls-failed");
}

bool Client::perform(const Receive&) {
  if (!flush()) return false;
  if (readable_) return read();
  awaits_input_ = true;
  wait(read_wants_ != 0 ? read_wants_ : std::uint32_t{EPOLLIN}, session_.deadline());
  return false;
}

bool Client::perform(const Send&) { return flush(); }

bool Client::perform(const StartTls&) {
  starts_tls_ = true;
  return true;
}

bool Client::start_tls() {
  if (!flush()) return false;
  starts_tls_ = false;
  if (!front_.tls || !stream_.start_tls(front_.tls)) return hang_up("tls-failed");
  session_.secured();
  handshaking_ = true;
  handshake_until_ = now() + kHandshakeTime;
  return true;
}

bool Client::perform(const Commit& asked) {
  commit_ = asked.deleted;
  return true;
}

bool Client::perform(const Close&) {
  release_drop();  // let the next session in before anything else
  if (!flush()) return false;
  stream_.shut_down();
  lingering_ = true;
  linger_until_ = now() + kLinger;
  return true;
}

bool Client::read() {
  const auto got = stream_.read(front_.buffer);
  read_wants_ = got.wants;
  readable_ = got.octets == front_.buffer.size() || stream_.has_more();
  if (got.status == Stream::Status::Done) session_.receive({front_.buffer.data(), got.octets});
  // Half-closed or gone: what came whole still counts.
  if (got.status == Stream::Status::Ended || got.status == Stream::Status::Broken) session_.input_ended();
  return true;
}

// False: the client has to take some first, or it is gone and the session is over.
bool Client::flush() {
  while (sent_ < output_.size()) {
    const auto done = stream_.write(std::string_view(output_).substr(sent_));
    if (done.status == Stream::Status::Again) {
      const auto patience = front_.stopping ? kWriteTimeoutAtShutdown : kWriteTimeout;
      if (!blocked_until_) blocked_until_ = now() + patience;
      wait(done.wants, *blocked_until_);
      return false;
    }
    if (done.status != Stream::Status::Done) return hang_up("disconnected");
    sent_ += done.octets;
    blocked_until_.reset();
  }
  output_ = std::string();
  sent_ = 0;
  blocked_until_.reset();
  message_waits_ = false;
  return true;
}

// This is tricky: closing a socket with unread input resets the connection, and the client may lose our last reply.
bool Client::linger() {
  const auto got = ::recv(peer_.fd.get(), front_.buffer.data(), front_.buffer.size(), MSG_DONTWAIT);
  if (got > 0 && (lingered_ += static_cast<std::size_t>(got)) < kMostLingered) return true;
  if (got >= 0 || errno != EAGAIN || lingered_ == 0) return finish(), false;
  wait(EPOLLIN, linger_until_);
  return false;
}

void Client::wait(std::uint32_t events, TimePoint until) {
  front_.loop.watch(peer_.fd.get(), watched_, events, *this, kSocket);
  front_.loop.set_timer(*this, until);
}

bool Client::hang_up(std::string_view reason) {
  reason_ = reason;
  finish();
  return false;
}

void Client::finish() {
  if (std::exchange(over_, true)) return;
  release_drop();
  const auto& summary = session_.summary();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now() - started_).count();
  front_.counters.octets += octets_;
  if (list_) --front_.counters.sessions;
  front_.counters.deleted += summary.deleted;
  front_.counters.retrieved += summary.retrieved;
  LogLine line("session");
  line.add("user", summary.user).add("address", peer_.address);
  if (is_secure()) line.add("tls", stream_.describe());
  line.add("messages", summary.messages).add("retrieved", summary.retrieved).add("deleted", summary.deleted);
  line.add("octets", octets_).add("milliseconds", static_cast<std::uint64_t>(time));
  front_.log.write(Level::Info, line.add("reason", reason_.empty() ? summary.reason : reason_));
  front_.loop.watch(peer_.fd.get(), watched_, 0, *this, kSocket);
  front_.gone(*this);
}

}  // namespace pop3d
