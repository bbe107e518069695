// The index: what it holds, that damage makes none of it, and that a login with one lists what a login without lists.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <string>

#include "mailbox/folder.h"
#include "mailbox/maildrop.h"
#include "tests/mailbox/support/inbox_files.h"

using namespace inbox_files;
using mailbox::IndexTail;
using mailbox::Maildrop;
using mailbox::MboxIndex;

namespace {

struct stat about(const std::string& path) {
  struct stat about{};
  REQUIRE(stat(path.c_str(), &about) == 0);
  return about;
}

void deliver(const Inbox& inbox, const std::string& name) {
  const auto message = stored(name);
  const auto body = message.find("\n\n") + 2;
  const auto header = message.substr(0, body), text = message.substr(body, message.size() - body - 1);
  mailbox::StoreRequest request{.path = inbox.box, .content = {header, text, false}, .state = inbox.state};
  request.locks.dotlock = true;
  REQUIRE(mailbox::store({}, request));
}

// An index whose mark is right: whether a login would believe it.
bool fits(const Inbox& inbox) {
  const auto index = mailbox::read_index(inbox.state);
  return index && index->mark == mailbox::mark_of(about(inbox.box));
}

std::vector<std::string> listed(const Maildrop& drop) {
  std::vector<std::string> all;
  for (const auto& entry : drop.entries()) all.push_back(entry.uidl + " " + std::to_string(entry.octets));
  return all;
}

// What a login would list that has to read the mailbox.
std::vector<std::string> listed_without_index(const Inbox& inbox) {
  const auto copy = inbox.path + "/copy";
  std::filesystem::remove_all(copy);
  std::filesystem::copy(inbox.state, copy);
  std::filesystem::remove(copy + "/index");
  auto options = inbox.options();
  options.state = copy;
  auto drop = Maildrop::open(options);
  CAPTURE(drop ? "" : drop.error().text);
  REQUIRE(drop);
  return listed(*drop);
}

}  // namespace

TEST_CASE("index: sessions write it, deliveries go on with it, a QUIT takes out what went") {
  const Inbox inbox;
  write_file(inbox.box, stored("one") + stored("two"));
  CHECK(!mailbox::read_index(inbox.state));
  deliver(inbox, "before anybody logged in");
  CHECK(!mailbox::read_index(inbox.state));
  const auto first = listed(open_drop(inbox));
  REQUIRE(fits(inbox));
  deliver(inbox, "four");
  deliver(inbox, "five");
  REQUIRE(fits(inbox));
  auto index = mailbox::read_index(inbox.state);
  REQUIRE(index->messages.size() == 5);
  CHECK(index->messages[2].ordinal == 1);
  CHECK(index->messages[3].ordinal == 0);
  CHECK(listed_without_index(inbox) == listed(open_drop(inbox)));
  index = mailbox::read_index(inbox.state);
  CHECK(index->messages[4].ordinal == 1);
  CHECK(index->doubted == 0);
  for (const std::vector<bool>& deleted : {std::vector<bool>{true}, {false, false, false, true}, {true, true, false}}) {
    {
      auto drop = open_drop(inbox);
      const auto gone = static_cast<std::size_t>(std::ranges::count(deleted, true));
      REQUIRE(drop.remove(deleted));
      CHECK(fits(inbox));
      CHECK(mailbox::read_index(inbox.state)->messages.size() == drop.size());
      CHECK(mailbox::read_index(inbox.state)->messages.size() + gone >= 3);
    }
    deliver(inbox, "after");
    CHECK(fits(inbox));
    CHECK(listed_without_index(inbox) == listed(open_drop(inbox)));
  }
}

TEST_CASE("index: damage anywhere, and there is none") {
  const Inbox inbox;
  write_file(inbox.box, stored("one") + stored("two") + stored("three"));
  const auto before = listed(open_drop(inbox));
  const auto bytes = read_file(inbox.state + "/index");
  REQUIRE(bytes.size() == 128 + 3 * 48);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at >= 112 && at < 128) continue;  // nothing is there
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    write_file(inbox.state + "/index", damaged);
    CAPTURE(at);
    CHECK(!mailbox::read_index(inbox.state));
    write_file(inbox.state + "/index", bytes.substr(0, at));
    CHECK(!mailbox::read_index(inbox.state));
  }
  CHECK(listed(open_drop(inbox)) == before);
  CHECK(fits(inbox));
}

TEST_CASE("index: what is written in pieces is what is read") {
  const Inbox inbox;
  MboxIndex index{.mark = {.inode = 1, .size = 1000}};
  for (std::uint64_t i = 0; i < 10; ++i) index.messages.push_back({100 * i, 100, 90, {i, i}, 1});
  REQUIRE(mailbox::write_index(inbox.state, index, 0, IndexTail::Cut));
  auto longer = index;
  longer.mark.size = 1200;
  longer.messages.push_back({1000, 200, 190, {7, 7}, 0});
  REQUIRE(mailbox::write_index(inbox.state, longer, 10, IndexTail::Cut));
  CHECK(mailbox::read_index(inbox.state)->messages.size() == 11);
  index.messages[9].ordinal = 5;
  REQUIRE(mailbox::write_index(inbox.state, index, 9, IndexTail::Keep));
  auto read = mailbox::read_index(inbox.state);
  REQUIRE(read->messages.size() == 11);
  CHECK(read->messages[9].ordinal == 5);
  CHECK(read->mark == longer.mark);
  REQUIRE(mailbox::write_index(inbox.state, index, 10, IndexTail::Cut));
  CHECK(mailbox::read_index(inbox.state)->messages.size() == 10);
  index.generation = 17;  // another index: it is not gone on with
  REQUIRE(mailbox::write_index(inbox.state, index, 10, IndexTail::Keep));
  CHECK(mailbox::read_index(inbox.state)->mark == index.mark);
  CHECK(index.generation != 17);
}

TEST_CASE("index: changes of the same size, in the same second, with the old time") {
  const Inbox inbox;
  write_file(inbox.box, stored("one") + stored("two") + stored("three"));
  open_drop(inbox);
  const auto before = about(inbox.box);
  auto bytes = read_file(inbox.box);
  bytes.replace(bytes.find("This is two"), 11, "THIS IS TWO");
  write_file(inbox.box, bytes);
  const timespec times[] = {before.st_atim, before.st_mtim};
  REQUIRE(utimensat(AT_FDCWD, inbox.box.c_str(), times, 0) == 0);
  CHECK(!fits(inbox));
  auto drop = open_drop(inbox);
  CHECK(fetch(drop, 1).find("THIS IS TWO") != std::string::npos);
  CHECK(listed(drop) == listed_without_index(inbox));
}

TEST_CASE("index: an edit and an append at once are found out") {
  const Inbox inbox;
  write_file(inbox.box, stored("one") + stored("two") + stored("three"));
  open_drop(inbox);
  auto bytes = read_file(inbox.box);
  bytes.replace(bytes.find("This is two"), 11, "THIS IS TWO");
  write_file(inbox.box, bytes + stored("four"));
  auto drop = open_drop(inbox);
  CHECK(fetch(drop, 1).find("THIS IS TWO") != std::string::npos);
  CHECK(listed(drop) == listed_without_index(inbox));
}

TEST_CASE("index: a login with one lists what a login without one lists, whatever happened") {
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    const Inbox inbox;
    write_file(inbox.box, "");
    for (int step = 0; step < 25; ++step) {
      const auto dice = random() % 12;
      CAPTURE(round, step, dice);
      const auto name = std::to_string(random() % 6);
      auto bytes = read_file(inbox.box);
      if (dice < 4) {
        deliver(inbox, name);
      } else if (dice == 4) {
        append_file(inbox.box, stored(name) + stored(name));
      } else if (dice == 5 && bytes.size() > 40) {  // another program takes the first message out
        const auto next = bytes.find("\nFrom ", 1);
        write_file(inbox.box, next == std::string::npos ? "" : bytes.substr(next + 1));
      } else if (dice == 6 && bytes.size() > 60) {
        bytes[bytes.size() - 3] = '!';
        write_file(inbox.box, bytes + (random() % 2 ? stored(name) : ""));
      } else if (dice == 7) {
        std::filesystem::remove(inbox.state + "/index");
      } else if (dice == 8) {
        append_file(inbox.box, "a line more\n");
        if (bytes.empty()) write_file(inbox.box, "");
      } else if (dice == 9) {
        std::filesystem::remove(inbox.state + "/uidl");
      } else {
        auto drop = open_drop(inbox);
        std::vector<bool> deleted;
        for (std::size_t i = 0; i < drop.size(); ++i) deleted.push_back(random() % 3 == 0);
        if (random() % 2) deliver(inbox, name);
        const auto done = drop.remove(deleted);
        CAPTURE(done ? "" : done.error().text);
        CHECK(done);
      }
      if (random() % 2) continue;
      const auto expected = listed_without_index(inbox);
      auto drop = open_drop(inbox);
      CHECK(listed(drop) == expected);
      for (std::size_t i = 0; i < drop.size(); ++i) fetch(drop, i);
    }
  }
}
