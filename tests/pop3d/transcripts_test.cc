// Plays every transcript of transcripts/ against the session: line by line, whole, byte by byte, in odd chunks.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/pop3d/support/fake_drop.h"

namespace {

using pop3d_test::Player;
using pop3d_test::World;

struct Turn {
  std::string sent;         // by the client
  std::string expected;     // all that the server says before the next turn
  bool tls_begins = false;  // T: what follows is sent under TLS, never together with this
};

struct Transcript {
  World world;
  std::vector<Turn> turns{{"", ""}};  // the first: the greeting
  std::string reason;                 // E: why it ended; empty: it is still open
  std::vector<std::size_t> removed;   // D: message numbers
  bool half_closed = false;           // H: the client's end of input
};

// \r \n \t \\ \0 \xHH, and @N{text}: the text N times.
std::string unescape(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '@') {
      const auto open = text.find('{', i), close = text.find('}', i);
      if (open == text.npos || close == text.npos) {
        result += text[i];
        continue;
      }
      const auto times = std::stoul(text.substr(i + 1, open - i - 1));
      const auto piece = unescape(text.substr(open + 1, close - open - 1));
      for (std::size_t n = 0; n < times; ++n) result += piece;
      i = close;
      continue;
    }
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case 'r':
        result += '\r';
        break;
      case 'n':
        result += '\n';
        break;
      case 't':
        result += '\t';
        break;
      case '0':
        result += '\0';
        break;
      case 's':
        result += ' ';
        break;
      case 'x':
        result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default:
        result += text[i];
    }
  }
  return result;
}

void set_option(World& world, const std::string& text) {
  std::istringstream words(text);
  std::string name;
  words >> name;
  if (name == "cleartext-refused")
    world.cleartext = false;
  else if (name == "tls")
    world.tls = true;
  else if (name == "scram")
    world.scram = true;
  else if (name == "unreadable")
    world.unreadable = true;
  else if (name == "commit-fails")
    world.commit_fails = true;
  else if (name == "in-use")
    world.refuse = pop3d::Code::InUse, world.refuse_for_good = true;
  else if (name == "backend-down")
    world.refuse = pop3d::Code::SysTemp;
  else if (name == "forbidden")
    world.refuse = pop3d::Code::SysPerm, world.refuse_for_good = true;
  else if (name == "broken")
    for (std::size_t n; words >> n;) world.broken.insert(n - 1);
  else if (name == "password")
    world.password = unescape(text.substr(9));
  else
    FAIL("no such option: " << name);
}

Transcript read_transcript(const std::filesystem::path& path) {
  Transcript read;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto kind = line.substr(0, 2);
    const auto text = line.size() > 3 ? line.substr(3) : "";
    if (kind == "M:")
      read.world.messages.push_back(unescape(text));
    else if (kind == "O:")
      set_option(read.world, text);
    else if (kind == "C:")
      read.turns.push_back({unescape(text) + "\r\n", ""});
    else if (kind == "C|")
      read.turns.push_back({unescape(text), ""});
    else if (kind == "S:")
      read.turns.back().expected += unescape(text) + "\r\n";
    else if (kind == "S|")
      read.turns.back().expected += unescape(text);
    else if (kind == "E:")
      read.reason = text;
    else if (kind == "T:")
      read.turns.back().tls_begins = true;
    else if (kind == "H:")
      read.half_closed = true;
    else if (kind == "D:") {
      std::istringstream numbers(text);
      for (std::size_t n; numbers >> n;) read.removed.push_back(n - 1);
    } else
      FAIL(path << ": " << line);
  }
  return read;
}

void check_end(const Transcript& transcript, Player& player) {
  if (transcript.half_closed) player.end_input();
  CHECK(player.closed == !transcript.reason.empty());
  CHECK(player.session.summary().reason == transcript.reason);
  CHECK(player.removed == transcript.removed);
}

void play_in_chunks(const Transcript& transcript, const std::vector<std::size_t>& sizes) {
  std::vector<std::string> sent(1);
  std::string expected;
  for (const auto& turn : transcript.turns) {
    sent.back() += turn.sent, expected += turn.expected;
    if (turn.tls_begins) sent.emplace_back();
  }
  Player player(transcript.world);
  for (std::string_view rest : sent) {
    for (std::size_t i = 0; !rest.empty(); ++i) {
      const auto size = std::min(sizes[i % sizes.size()], rest.size());
      player.feed(rest.substr(0, size));
      rest.remove_prefix(size);
    }
  }
  check_end(transcript, player);
  CHECK(player.output == expected);
}

}  // namespace

TEST_CASE("every transcript, however its bytes arrive") {
  std::size_t played = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/tests/pop3d/transcripts")) {
    const auto transcript = read_transcript(entry.path());
    CAPTURE(entry.path().filename());
    ++played;
    {
      INFO("turn by turn");
      Player player(transcript.world);
      for (std::size_t i = 0; i < transcript.turns.size(); ++i) {
        CAPTURE(i, transcript.turns[i].sent);
        player.feed(transcript.turns[i].sent);
        CHECK(std::exchange(player.output, {}) == transcript.turns[i].expected);
      }
      check_end(transcript, player);
    }
    play_in_chunks(transcript, {1u << 30});
    play_in_chunks(transcript, {1});
    play_in_chunks(transcript, {2, 3, 7, 1, 13, 31, 5});
    play_in_chunks(transcript, {509, 4093});
  }
  CHECK(played >= 15);
}
