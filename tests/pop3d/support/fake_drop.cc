// The fake world's answers.
// SPDX-License-Identifier: Apache-2.0
#include "tests/pop3d/support/fake_drop.h"

#include <algorithm>

#include "pop3d/dot_stuffer.h"

namespace pop3d_test {
namespace {

class FakeList : public pop3d::MessageList {
 public:
  explicit FakeList(const World& world) : world_(world) {
    for (std::size_t i = 0; i < world.messages.size(); ++i) uidls_.push_back("uid-" + std::to_string(i + 1));
  }
  std::size_t size() const override { return uidls_.size(); }
  std::uint64_t octets(std::size_t index) const override { return world_.messages[index].size(); }
  std::string uidl(std::size_t index) const override { return uidls_[index]; }

 private:
  const World& world_;
  std::vector<std::string> uidls_;
};

}  // namespace

Player::Player(const World& world) : session({.cleartext_login = world.cleartext, .offers_tls = world.tls, .scram = world.scram}, now), world_(world) { run(); }

void Player::feed(std::string_view bytes) {
  if (closed) return;
  session.receive(bytes);
  run();
}

void Player::end_input() {
  session.input_ended();
  run();
}

void Player::run() {
  while (!closed) {
    const auto request = session.next(now);
    const auto waiting = session.take_output();
    most_waiting = std::max(most_waiting, waiting.size());
    output += waiting;
    if (std::holds_alternative<pop3d::Receive>(request)) return;
    if (std::holds_alternative<pop3d::Close>(request)) closed = true;
    if (const auto* login = std::get_if<pop3d::Authenticate>(&request)) answer(*login);
    if (const auto* scram = std::get_if<pop3d::Converse>(&request)) answer(*scram);
    if (std::holds_alternative<pop3d::StartTls>(request)) session.secured();
    if (const auto* retrieve = std::get_if<pop3d::Retrieve>(&request)) answer(*retrieve);
    if (const auto* commit = std::get_if<pop3d::Commit>(&request)) answer(*commit);
  }
}

void Player::answer(const pop3d::Authenticate& asked) {
  if (asked.user != "anna" || asked.password != world_.password) {
    return session.refused(pop3d::Code::Auth, "wrong user or password");
  }
  if (world_.refuse != pop3d::Code::None) return session.refused(world_.refuse, "not now", world_.refuse_for_good);
  session.authenticated(std::make_unique<FakeList>(world_), asked.user);
}

void Player::answer(const pop3d::Converse& asked) {
  if (asked.first && asked.message == "first") return session.challenged("server first");
  if (asked.message == "final") return session.challenged("server final");
  if (asked.first || !asked.message.empty()) return session.refused(pop3d::Code::Auth, "wrong user or password");
  session.authenticated(std::make_unique<FakeList>(world_), "anna");
}

void Player::answer(const pop3d::Retrieve& asked) {
  if (world_.unreadable) return session.retrieval_failed(false);
  const auto& text = world_.messages[asked.index];
  pop3d::DotStuffer stuffer(asked.body_lines);
  output += asked.status;
  const bool broken = world_.broken.contains(asked.index);
  stuffer.add(broken ? std::string_view(text).substr(0, text.size() / 2) : std::string_view(text), output);
  if (broken) return session.retrieval_failed(true);
  stuffer.finish(output);
  session.retrieved();
}

void Player::answer(const pop3d::Commit& asked) {
  for (std::size_t i = 0; i < asked.deleted.size() && !world_.commit_fails; ++i) {
    if (asked.deleted[i]) removed.push_back(i);
  }
  session.committed(!world_.commit_fails);
}

}  // namespace pop3d_test
