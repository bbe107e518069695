// Random clients: half commands, half noise. Whatever they send, some things always hold.
// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <random>

#include "tests/pop3d/support/fake_drop.h"

using namespace std::string_literals;
using pop3d_test::Player;
using pop3d_test::World;

namespace {

const std::string kWords[] = {
    "USER", "PASS", "STAT", "LIST",   "UIDL",  "RETR", "TOP", "DELE",  "NOOP", "RSET",  "QUIT", "CAPA",
    "AUTH", "UTF8", "anna", "secret", "\r\n",  "\r\n", "\n",  "\r",    " ",    " ",     " ",    "0",
    "1",    "2",    "3",    "9",      "00001", "-1",   "\0"s, "\x80x", ".",    "user ", "\t",   "18446744073709551616",
};

std::string random_input(std::mt19937& random) {
  std::string input;
  const auto words = random() % 60;
  if (random() % 2 == 0) input = "USER anna\r\nPASS secret\r\n";
  for (unsigned i = 0; i < words; ++i) {
    if (random() % 200 == 0) {
      input += std::string(random() % 70000, 'x');
    } else {
      input += kWords[random() % std::size(kWords)];
      if (random() % 3 == 0) input += random() % 2 == 0 ? " " : "\r\n";
    }
  }
  return input;
}

std::string play(const World& world, std::string_view input, std::mt19937* random, std::vector<std::size_t>& removed) {
  Player player(world);
  while (!input.empty()) {
    const auto size = random == nullptr ? input.size() : std::min<std::size_t>(1 + (*random)() % 50, input.size());
    player.feed(input.substr(0, size));
    input.remove_prefix(size);
  }
  player.end_input();
  CHECK(player.closed);
  CHECK(player.session.summary().deleted == player.removed.size());
  removed = player.removed;
  return player.output;
}

}  // namespace

TEST_CASE("random clients hear the same however their bytes arrive, and only whole lines") {
  const World world{.messages = {"a: b\r\n\r\n.\r\n", "c: d\r\n\r\nx\r\n"}};
  std::mt19937 random(20261123);
  for (int i = 0; i < 3000; ++i) {
    const auto input = random_input(random);
    std::vector<std::size_t> removed_whole, removed_cut;
    const auto whole = play(world, input, nullptr, removed_whole);
    const auto cut = play(world, input, &random, removed_cut);
    CAPTURE(i, input.substr(0, 500));
    REQUIRE(whole == cut);
    REQUIRE(removed_whole == removed_cut);
    REQUIRE(whole.ends_with("\r\n"));
    for (std::size_t begin = 0, end; begin < whole.size(); begin = end + 2) {
      end = whole.find("\r\n", begin);
      REQUIRE(end - begin + 2 <= pop3d::kLongestStatusLine);
    }
  }
}
