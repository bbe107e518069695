// A world for sessions under test: messages in memory, one account, and failures on demand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pop3d/session.h"

namespace pop3d_test {

struct World {
  std::string password = "secret";
  std::vector<std::string> messages{};  // as on the wire, unstuffed
  bool cleartext = true;
  bool tls = false;    // STLS is offered
  bool scram = false;  // "first", "final" and an empty message log anna in
  pop3d::Code refuse = pop3d::Code::None;  // what a right password hears, unless None
  bool refuse_for_good = false;
  std::set<std::size_t> broken{};  // indexes whose text ends half-way
  bool unreadable = false;         // no text comes at all
  bool commit_fails = false;
};

// Plays bytes against a session, answering its requests.
class Player {
 public:
  explicit Player(const World& world);

  void feed(std::string_view bytes);
  void end_input();

  std::string output;
  std::vector<std::size_t> removed;  // indexes, by a commit
  bool closed = false;
  std::size_t most_waiting = 0;  // octets of output at once
  pop3d::TimePoint now{};
  pop3d::Session session;

 private:
  void run();
  void answer(const pop3d::Authenticate& asked);
  void answer(const pop3d::Converse& asked);
  void answer(const pop3d::Retrieve& asked);
  void answer(const pop3d::Commit& asked);

  const World& world_;
};

}  // namespace pop3d_test
