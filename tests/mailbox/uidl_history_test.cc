// Unique ids over many sessions: identical messages, removals in any order, lost and damaged histories.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/uidl_history.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "tests/mailbox/support/inbox_files.h"

using namespace mailbox;
using inbox_files::Inbox;

namespace {

using Ordinals = std::vector<std::uint32_t>;

UidlBase base(std::uint64_t n) { return {n, n * 7}; }

std::vector<UidlBase> bases(std::initializer_list<std::uint64_t> numbers) {
  std::vector<UidlBase> all;
  for (const auto n : numbers) all.push_back(base(n));
  return all;
}

UidlHistory open(const Inbox& inbox, const std::optional<FinishedMove>& last = {}) {
  auto history = UidlHistory::open(inbox.state, last);
  REQUIRE(history);
  return std::move(*history);
}

// One session: opens, gives, saves.
Ordinals session(const Inbox& inbox, std::initializer_list<std::uint64_t> messages) {
  auto history = open(inbox);
  auto ordinals = history.assign(bases(messages));
  REQUIRE(history.save());
  return ordinals;
}

void remove(const Inbox& inbox, std::uint64_t message, std::uint32_t ordinal) {
  auto history = open(inbox);
  history.remove(base(message), ordinal);
  REQUIRE(history.save());
}

}  // namespace

TEST_CASE("uidl history: identical messages are told apart, in order") {
  const Inbox inbox;
  CHECK(session(inbox, {1, 2, 1, 1}) == Ordinals{1, 1, 2, 3});
  CHECK(session(inbox, {1, 2, 1, 1}) == Ordinals{1, 1, 2, 3});
  CHECK(session(inbox, {1, 2, 1, 1, 2, 3}) == Ordinals{1, 1, 2, 3, 2, 1});
}

TEST_CASE("uidl history: the second keeps its id when the first goes, and none is given again") {
  const Inbox inbox;
  CHECK(session(inbox, {1, 1}) == Ordinals{1, 2});
  remove(inbox, 1, 1);
  CHECK(session(inbox, {1}) == Ordinals{2});
  CHECK(session(inbox, {1, 1}) == Ordinals{2, 3});
  remove(inbox, 1, 3);
  remove(inbox, 1, 2);
  CHECK(session(inbox, {}) == Ordinals{});
  CHECK(session(inbox, {1}) == Ordinals{4});
}

TEST_CASE("uidl history: what other programs removed is gone for good") {
  const Inbox inbox;
  CHECK(session(inbox, {1, 2}) == Ordinals{1, 1});
  CHECK(session(inbox, {2}) == Ordinals{1});
  CHECK(session(inbox, {2, 1}) == Ordinals{1, 2});
}

TEST_CASE("uidl history: nothing new writes nothing") {
  const Inbox inbox;
  CHECK(session(inbox, {}) == Ordinals{});
  CHECK(!std::filesystem::exists(inbox.state + "/uidl"));
  session(inbox, {1, 2});
  const auto size = std::filesystem::file_size(inbox.state + "/uidl");
  session(inbox, {1, 2});
  CHECK(std::filesystem::file_size(inbox.state + "/uidl") == size);
}

TEST_CASE("uidl history: lost or damaged") {
  const Inbox inbox;
  session(inbox, {1, 1, 2});
  remove(inbox, 1, 1);
  const auto file = inbox.state + "/uidl";
  const auto whole = inbox_files::read_file(file);
  SECTION("lost: the same values again") {
    std::filesystem::remove(file);
    CHECK(session(inbox, {1, 1, 2}) == Ordinals{1, 2, 1});
  }
  SECTION("a torn end is written over") {
    inbox_files::write_file(file, whole + "torn");
    CHECK(session(inbox, {1, 2, 3}) == Ordinals{2, 1, 1});
    CHECK(session(inbox, {1, 2, 3, 3}) == Ordinals{2, 1, 1, 2});
  }
  SECTION("a bad record is left out") {
    auto bytes = whole;
    bytes[bytes.size() - 30] ^= 1;
    inbox_files::write_file(file, bytes);
    CHECK(session(inbox, {2}) == Ordinals{1});
  }
  SECTION("no history at all") {
    inbox_files::write_file(file, std::string(1000, 'x'));
    CHECK(session(inbox, {1, 2}) == Ordinals{1, 1});
    CHECK(session(inbox, {1, 2, 2}) == Ordinals{1, 1, 2});
  }
  SECTION("not ours") {
    std::filesystem::remove(file);
    std::filesystem::create_symlink("/etc/passwd", file);
    CHECK(!UidlHistory::open(inbox.state, {}));
  }
}

TEST_CASE("uidl history: a removal's note is taken in once") {
  const Inbox inbox;
  auto history = open(inbox);
  CHECK(history.assign(bases({1, 1, 2})) == Ordinals{1, 2, 1});
  REQUIRE(history.save());
  const auto id = [](std::uint64_t n, std::uint32_t ordinal) { return GivenUidl{base(n), ordinal}; };
  CHECK(history.note(std::vector{id(2, 1)}).empty());            // no identical one
  CHECK(history.note(std::vector{id(1, 2)}).empty());            // none behind it
  CHECK(history.note(std::vector{id(1, 1), id(1, 2)}).empty());  // none stays
  const auto note = history.note(std::vector{id(1, 1)});
  REQUIRE(!note.empty());
  const FinishedMove move{{5, 6}, note};
  SECTION("after a crash before the history was saved") {
    for (int i = 0; i < 2; ++i) {
      auto later = open(inbox, move);
      CHECK(later.assign(bases({1, 2})) == Ordinals{2, 1});
      REQUIRE(later.save());
    }
    auto later = open(inbox, move);
    CHECK(later.assign(bases({1, 2, 1})) == Ordinals{2, 1, 3});
  }
  SECTION("saved as well: nothing changes") {
    history.remove(base(1), 1);
    REQUIRE(history.save());
    auto later = open(inbox, move);
    CHECK(later.assign(bases({1, 2})) == Ordinals{2, 1});
  }
  SECTION("the history was lost: the note means nothing any more") {
    std::filesystem::remove(inbox.state + "/uidl");
    for (int i = 0; i < 2; ++i) {
      auto later = open(inbox, move);
      CHECK(later.assign(bases({1, 2})) == Ordinals{1, 1});
      REQUIRE(later.save());
    }
  }
}

TEST_CASE("uidl history: stays small, and right, over many sessions") {
  const Inbox inbox;
  std::mt19937 random(1);
  std::vector<GivenUidl> box;
  std::set<std::pair<std::uint64_t, std::uint32_t>> given;
  for (int round = 0; round < 300; ++round) {
    std::vector<UidlBase> messages;
    for (const auto& message : box) messages.push_back(message.base);
    const auto known = messages.size();
    for (auto n = random() % 60; n > 0; --n) messages.push_back(base(random() % 40));
    auto history = open(inbox);
    const auto ordinals = history.assign(messages);
    REQUIRE(history.save());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      if (i < known) {
        REQUIRE(ordinals[i] == box[i].ordinal);
      } else {
        REQUIRE(given.insert({messages[i].high, ordinals[i]}).second);  // never given before
        box.push_back({messages[i], ordinals[i]});
      }
    }
    std::vector<GivenUidl> kept;
    for (const auto& message : box) {
      if (random() % 2)
        history.remove(message.base, message.ordinal);
      else
        kept.push_back(message);
    }
    REQUIRE(history.save());
    box = kept;
  }
  CHECK(std::filesystem::file_size(inbox.state + "/uidl") < 250000);
}
