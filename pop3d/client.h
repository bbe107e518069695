// One client's connection in the front: does what its session asks for, and never waits.
// SPDX-License-Identifier: Apache-2.0
//
// Whatever takes time is an errand: a channel of its own, whose other end the authenticator and then a worker holds
// (DESIGN.md). While one is open nothing is read from the client. Output is collected and sent whole (status line,
// message and final dot in one write where they fit), and sent before more input is read: what waits is bounded by
// kFlushAt and one piece of a message. A client that takes nothing for kWriteTimeout is left. QUIT's update is done
// although the client may be gone, unless a message that it asked for before could not be sent.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/site/config.h"
#include "pop3d/dot_stuffer.h"
#include "pop3d/drop_list.h"
#include "pop3d/event_loop.h"
#include "pop3d/letter.h"
#include "pop3d/listener.h"
#include "pop3d/log.h"
#include "pop3d/metrics.h"
#include "pop3d/session.h"
#include "pop3d/stream.h"

namespace pop3d {

class Client;

// What all clients of a front share.
struct FrontState {
  explicit FrontState(Counters& all) : counters(all) {}
  EventLoop loop;
  mailbox::site::Config config;
  Log log{"info", "text"};
  std::shared_ptr<const Tls> tls;  // none: not configured
  bool scram = false;              // whether every account can use it
  mailbox::UniqueFd authenticator;
  bool stopping = false;
  Counters& counters;
  std::function<void(Client&)> gone;
  std::array<char, 16384> buffer;  // for one read
  std::string piece;               // of a message, on its way
};

class Client final : public EventLoop::Watcher {
 public:
  // `front` outlives it, and hears gone() when it is over.
  Client(FrontState& front, Peer peer);

  void begin();    // greets, or begins TLS
  void wind_up();  // the server wants to end: what has come is obeyed, more is not read
  bool kick();     // an admin wants it to end: at once, nothing is removed. False: it is ending, QUIT has begun
  const Peer& peer() const { return peer_; }
  const std::string& user() const { return session_.summary().user; }
  std::chrono::seconds age() const;
  bool is_secure() const { return stream_.is_secure(); }

  void ready(unsigned tag, std::uint32_t events) override;
  void expired() override;

 private:
  enum class Errand { None, Login, Fetch, Commit };
  static constexpr unsigned kSocket = 0, kErrand = 1;  // tags
  struct Retrieval {
    Retrieve asked;
    DotStuffer stuffer{asked.body_lines};
    mailbox::UniqueFd file{};  // of a Maildir: the message's own
    std::optional<mailbox::MessageReader> reader{};
    std::uint64_t octets = 0;
    bool status_is_out = false;
    bool tried_again = false;
  };

  // client.cc: what the session asks for. True: go on.
  void proceed();
  bool step();
  bool shake_hands();
  bool start_tls();
  void attend();
  bool perform(const Receive& asked);
  bool perform(const Send& asked);
  bool perform(const Authenticate& asked);
  bool perform(const Converse& asked);
  bool perform(const StartTls& asked);
  bool perform(const Retrieve& asked);
  bool perform(const Commit& asked);
  bool perform(const Close& asked);
  bool read();
  bool flush();
  bool linger();
  void wait(std::uint32_t events, TimePoint until);
  bool hang_up(std::string_view reason);
  void finish();
  TimePoint now() const { return front_.loop.now(); }

  // client_errands.cc: what others do for it.
  bool open_errand(Errand errand, Letter letter);
  void close_errand();
  void hear(Letter letter);
  void errand_broke();
  void refused(const Letter& letter);
  void end_pause();
  void opened(Letter letter);
  bool fetch_file();
  void begin_reading(int file);
  bool send_piece();
  void retrieval_failed(const std::string& why);
  bool begin_commit();
  void committed(bool done, const std::string& why);
  void release_drop();

  FrontState& front_;
  Peer peer_;
  Stream stream_;
  Session session_;
  std::uint32_t watched_ = 0;
  TimePoint started_;
  std::string output_;  // not sent yet, from sent_ on
  std::size_t sent_ = 0;
  std::optional<TimePoint> blocked_until_;  // the client takes no output
  std::uint32_t read_wants_ = 0;
  bool readable_ = false;
  bool handshaking_ = false;
  bool starts_tls_ = false;
  bool message_waits_ = false;  // part of a message is in output_
  bool awaits_input_ = false;
  bool lingering_ = false;
  bool over_ = false;
  TimePoint handshake_until_;
  TimePoint linger_until_;
  std::size_t lingered_ = 0;

  Errand errand_ = Errand::None;
  mailbox::UniqueFd errand_fd_;
  std::uint32_t errand_watched_ = 0;
  TimePoint errand_until_;
  TimePoint login_began_;
  std::string login_user_;
  std::optional<Letter> refusal_;  // to be told when its time has come
  std::string token_;              // of the login, for another worker
  mailbox::UniqueFd lock_;         // the session lasts as long as this is open
  mailbox::UniqueFd file_;         // of an mbox
  std::optional<DropList> list_;
  std::optional<Retrieval> retrieval_;
  std::optional<std::vector<bool>> commit_;
  std::vector<std::size_t> going_;  // indexes, by a QUIT that is under way
  std::uint64_t octets_ = 0;  // of messages, sent
  std::string reason_;        // why it ended, where the session does not know
};

}  // namespace pop3d
