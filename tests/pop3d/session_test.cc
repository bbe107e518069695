// What transcripts cannot show: time, output that nobody reads, the ends of a session.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/session.h"

#include <catch2/catch.hpp>

#include "tests/pop3d/support/fake_drop.h"

using namespace pop3d;
using namespace std::chrono_literals;
using pop3d_test::Player;
using pop3d_test::World;

namespace {

const std::string kLogin = "USER anna\r\nPASS secret\r\n";

void pass_time(Player& player, std::chrono::seconds time) {
  player.now += time;
  player.session.expire(player.now);
  player.feed("");
}

}  // namespace

TEST_CASE("silence before login ends the session, without a word") {
  World world;
  Player player(world);
  player.output.clear();
  pass_time(player, kLoginPause - 1s);
  CHECK(!player.closed);
  player.feed("CAPA");  // no line: no sign of life
  pass_time(player, 1s);
  CHECK(player.closed);
  CHECK(player.output.empty());
  CHECK(player.session.summary().reason == "autologout");
}

TEST_CASE("the time before login is bounded in all") {
  World world;
  Player player(world);
  const auto step = kLoginPause / 2;
  auto gone = 0s;
  for (; gone + step < kLoginTime; gone += step) {
    pass_time(player, step);
    player.feed("CAPA\r\n");
    CHECK(!player.closed);
  }
  pass_time(player, kLoginTime - gone);
  CHECK(player.closed);
}

TEST_CASE("silence after login: ten minutes at least, no update") {
  static_assert(kAutologout >= 10min);
  World world{.messages = {"a: b\r\n\r\n"}};
  Player player(world);
  player.feed(kLogin + "DELE 1\r\n");
  pass_time(player, kAutologout - 1s);
  player.feed("NOOP\r\n");
  pass_time(player, kAutologout - 1s);
  CHECK(!player.closed);
  pass_time(player, 1s);
  CHECK(player.closed);
  CHECK(player.removed.empty());
  CHECK(player.session.summary().reason == "autologout");
  CHECK(player.session.summary().deleted == 0);
}

TEST_CASE("a session that works is not silent") {
  World world{.messages = {"a: b\r\n\r\n"}};
  Session session({.cleartext_login = true}, TimePoint{});
  session.receive("USER anna\r\nPASS x\r\n");
  CHECK(std::holds_alternative<Authenticate>(session.next(TimePoint{})));
  session.refused(Code::Auth, "no");
  CHECK(std::holds_alternative<Receive>(session.next(TimePoint{} + 100s)));  // the answer took that long
  CHECK(session.deadline() == TimePoint{} + 100s + kLoginPause);
}

TEST_CASE("what comes with STLS in one piece is never obeyed") {
  World world{.tls = true};
  Player player(world);
  player.feed("STLS\r\nUSER anna\r\nPASS secret\r\nSTAT");
  CHECK(player.output.ends_with("+OK begin TLS\r\n"));
  player.output.clear();
  player.feed("\r\nPASS secret\r\n");
  CHECK(player.output == "-ERR empty line\r\n-ERR USER first\r\n");
}

TEST_CASE("probes have an end") {
  World world;
  Player player(world);
  player.feed(kLogin);
  for (unsigned i = 0; i + 1 < kMostProbes; ++i) player.feed("LAST\r\n");
  CHECK(!player.closed);
  player.feed("LAST\r\n");
  CHECK(player.closed);
}

TEST_CASE("who asks without reading fills no memory") {
  World world{.messages = std::vector<std::string>(20000, "a: b\r\n\r\n")};
  Player player(world);
  player.feed(kLogin);
  std::string flood;
  for (int i = 0; i < 50; ++i) flood += "UIDL\r\nLIST\r\n";
  player.feed(flood);
  CHECK(player.output.size() > 20'000'000);
  CHECK(player.most_waiting < 2 * kEnoughOutput);
}

TEST_CASE("a winding up session obeys what came, and reads no more") {
  World world{.messages = {"a: b\r\n\r\n"}};
  Player player(world);
  player.feed(kLogin + "DELE 1\r\nQU");
  player.session.wind_up("shutdown");
  player.feed("");
  CHECK(player.closed);
  CHECK(player.session.summary().reason == "shutdown");
  CHECK(player.removed.empty());
}

TEST_CASE("the summary tells what happened") {
  World world{.messages = {"a: b\r\n\r\n", "a: b\r\n\r\n"}};
  Player player(world);
  player.feed(kLogin + "RETR 1\r\nTOP 2 0\r\nDELE 1\r\nQUIT\r\n");
  const auto& summary = player.session.summary();
  CHECK(summary.user == "anna");
  CHECK(summary.messages == 2);
  CHECK(summary.retrieved == 2);
  CHECK(summary.deleted == 1);
  CHECK(summary.reason == "quit");
}
