// One POP3 session as a state machine: bytes in, replies out, and what only the world can do is asked for.
// SPDX-License-Identifier: Apache-2.0
//
//   Session session({.cleartext_login = true}, now);
//   for (;;) {
//     auto request = session.next(now);
//     send(session.take_output()) …                    // when it suits; at the latest on Send and Close
//     if (std::get_if<Receive>(&request)) session.receive(read());
//     if (auto* asked = std::get_if<Authenticate>(&request)) session.authenticated(list) or session.refused(…);
//     …
//   }
//
// One request is open at a time, and no input is looked at until it is answered: pipelined commands wait their turn.
// next() also stops (Send) when enough output waits, so a client that asks without reading cannot fill memory.
// RFC 1939 with 2449, 2595 (STLS), 3206, 5034 (SASL), 6856 (UTF8, LANG). No system call, no clock: `now` is an
// argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pop3d/command.h"
#include "pop3d/line_buffer.h"
#include "pop3d/reply.h"
#include "pop3d/sasl.h"

namespace pop3d {

using TimePoint = std::chrono::steady_clock::time_point;

inline constexpr std::size_t kEnoughOutput = 64 * 1024;  // octets waiting before next() says Send
inline constexpr unsigned kMostErrorsBeforeLogin = 5;    // in all
inline constexpr unsigned kMostErrorsAfterLogin = 20;    // in a row
inline constexpr unsigned kMostProbes = 100;             // LAST, XTND, AUTH of a mechanism that is not offered … in all
inline constexpr unsigned kMostRefusedLogins = 5;
inline constexpr std::chrono::seconds kLoginPause{120};  // silence before login
inline constexpr std::chrono::seconds kLoginTime{300};   // all of the time before login
inline constexpr std::chrono::seconds kAutologout{600};  // silence after login; RFC 1939 section 3: at least 10 min

// The drop as the session needs to know it. Frozen: neither its size nor an answer changes.
class MessageList {
 public:
  virtual ~MessageList() = default;
  virtual std::size_t size() const = 0;
  virtual std::uint64_t octets(std::size_t index) const = 0;  // exactly what RETR sends, before dot-stuffing
  virtual std::string uidl(std::size_t index) const = 0;
};

// What the session asks for. An index counts from 0.
struct Receive {};  // more input
struct Send {};     // have the output sent before asking on
struct Authenticate {
  std::string user;
  std::string password;
};
struct Converse {  // SCRAM: who knows the secrets speaks
  Mechanism mechanism = Mechanism::ScramSha256;
  bool first = true;    // an exchange begins; one that was under way is over
  std::string message;  // what the client said, decoded
};
struct StartTls {};  // have the output sent, then begin TLS
struct Retrieve {
  std::size_t index = 0;
  std::optional<std::uint64_t> body_lines;  // TOP
  std::string status;                       // goes first, as soon as there is anything to follow it
};
struct Commit {
  std::vector<bool> deleted;  // one for each message
};
struct Close {
  std::string reason;  // for the log: quit, disconnected, autologout …
};
using Request = std::variant<Receive, Send, Authenticate, Converse, StartTls, Retrieve, Commit, Close>;

class Session {
 public:
  struct Settings {
    bool cleartext_login = false;  // whether passwords are taken without TLS
    bool offers_tls = false;
    bool is_secure = false;  // TLS is on already
    bool scram = false;      // whether every account can log in by SCRAM
  };
  struct Summary {
    std::string user;  // of a login that was accepted
    std::size_t messages = 0;
    std::size_t deleted = 0;  // by an acknowledged QUIT
    std::size_t retrieved = 0;
    std::string reason;
  };

  Session(Settings settings, TimePoint now);  // the greeting waits as output

  void receive(std::string_view bytes) { input_.add(bytes); }
  void input_ended() { input_ended_ = true; }  // what has come whole is still obeyed
  // What is to be done next. The request stays open until its answer; only Receive and Send need none.
  Request next(TimePoint now);
  std::string take_output() { return std::exchange(output_, {}); }

  // Answers to Authenticate and Converse. `final`: no other attempt can be made on this connection.
  void authenticated(std::unique_ptr<MessageList> list, std::string_view user);
  void challenged(std::string_view message);  // to Converse: what the client is to hear, not encoded
  void refused(Code code, std::string_view text, bool final = false);
  // Answer to StartTls: TLS is on. What came before is forgotten (RFC 2595, 4).
  void secured();
  // Answers to Retrieve: the message is out; or it failed. If it failed before `status` went out there is an -ERR.
  void retrieved() { ++summary_.retrieved; }
  void retrieval_failed(bool status_is_out);
  // Answer to Commit: whether every message marked as deleted is gone for good.
  void committed(bool done);

  // When the session has to end unless something comes; expire() ends it if that is past.
  TimePoint deadline() const;
  void expire(TimePoint now);
  // The server wants to end: what has come whole is still obeyed, more is not read.
  void wind_up(std::string_view reason);

  const Summary& summary() const { return summary_; }

 private:
  enum class State { Authorization, Transaction, Update };
  enum States : unsigned { kBefore = 1, kAfter = 2, kEither = 3 };
  using Handler = void (Session::*)(const Command&);
  struct Row {
    Verb verb;
    States states;
    Handler handler;
  };
  struct Dialogue {  // an AUTH under way: the next line is an answer
    Mechanism mechanism;
    PasswordExchange password;
    bool has_begun = false;
  };
  struct Listing {
    bool uidl = false;
    std::size_t index = 0;  // where to go on
  };
  static const Row kTable[];

  void obey(const LineBuffer::Line& line);
  void perform(const Command& command);
  void mistake(std::string_view text);
  void probe(std::string_view text);
  void close(std::string_view reason);
  std::optional<std::size_t> find_message(const Command& command);
  void start_listing(const Command& command, bool uidl);
  void continue_listing();
  std::string list_line(std::size_t index, bool uidl) const;

  bool is_usable(Mechanism mechanism) const;
  bool takes_passwords() const { return settings_.cleartext_login || settings_.is_secure; }
  std::string usable_mechanisms(std::string_view separator) const;
  void challenge(std::string_view message);
  void answer(std::string_view line);
  void end_dialogue();

  void auth(const Command& command);
  void capa(const Command& command);
  void lang(const Command& command);
  void stls(const Command& command);
  void utf8(const Command& command);
  void user(const Command& command);
  void pass(const Command& command);
  void stat(const Command& command);
  void list(const Command& command);
  void uidl(const Command& command);
  void retr(const Command& command);
  void top(const Command& command);
  void dele(const Command& command);
  void noop(const Command& command);
  void rset(const Command& command);
  void quit(const Command& command);

  Settings settings_;
  State state_ = State::Authorization;
  LineBuffer input_;
  std::string output_;
  std::optional<Request> request_;  // made by a handler, to be handed out
  std::optional<Listing> listing_;
  std::optional<Dialogue> dialogue_;
  bool input_ended_ = false;
  bool closing_ = false;
  std::string wind_up_reason_ = "disconnected";

  std::string user_;
  std::unique_ptr<MessageList> messages_;
  std::vector<bool> deleted_;
  std::size_t deleted_count_ = 0;
  std::uint64_t octets_ = 0;  // of what is not deleted
  std::uint64_t all_octets_ = 0;

  unsigned errors_ = 0;
  unsigned probes_ = 0;
  unsigned refused_logins_ = 0;
  TimePoint started_;
  TimePoint waiting_since_;
  bool worked_ = false;  // since next() last said Receive
  Summary summary_;
};

}  // namespace pop3d
