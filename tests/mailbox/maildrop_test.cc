// Sessions on an mbox: what is listed, sent and removed while others append, rewrite, replace and break it.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/maildrop.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "mailbox/folder.h"
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "tests/mailbox/support/inbox_files.h"

using namespace inbox_files;
using mailbox::Maildrop;

namespace {

const std::string kThree = stored("one") + stored("two") + stored("three");

// As a delivery does it: locked, mended, synced.
void deliver(const Inbox& inbox, const std::string& mend, const std::string& message) {
  const int fd = open(inbox.box.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  REQUIRE(fd >= 0);
  {
    auto lock = mailbox::MailboxLock::take(AT_FDCWD, inbox.box, fd);
    REQUIRE(lock);
    REQUIRE(mailbox::replay(fd, inbox.state));
    append_file(inbox.box, mend + message);
  }
  close(fd);
}

mailbox::Error refused(const Inbox& inbox) {
  auto drop = Maildrop::open(inbox.options());
  REQUIRE(!drop);
  return drop.error();
}

}  // namespace

TEST_CASE("maildrop: lists, sends, removes; inode, owner and mode stay") {
  struct Row {
    std::vector<bool> deleted;
    std::string left;
  };
  const Row rows[] = {
      {{false, false, false}, kThree},
      {{}, kThree},
      {{true, false, false}, stored("two") + stored("three")},
      {{true}, stored("two") + stored("three")},
      {{false, true, false}, stored("one") + stored("three")},
      {{false, false, true}, stored("one") + stored("two")},
      {{false, true, true}, stored("one")},
      {{true, false, true}, stored("two")},
      {{true, true, true}, ""},
  };
  for (const auto& row : rows) {
    for (const bool mail_comes : {false, true}) {
      const Inbox inbox;
      write_file(inbox.box, kThree);
      REQUIRE(chmod(inbox.box.c_str(), 0640) == 0);
      struct stat before{}, after{};
      REQUIRE(stat(inbox.box.c_str(), &before) == 0);
      std::vector<std::string> before_ids;
      {
        auto drop = open_drop(inbox);
        before_ids = ids(drop);
        REQUIRE(before_ids.size() == 3);
        if (mail_comes) deliver(inbox, "", stored("new"));
        CHECK(fetch(drop, 0) == sent("one"));
        CHECK(fetch(drop, 2) == sent("three"));
        const auto done = drop.remove(row.deleted);
        CAPTURE(done ? "" : done.error().text);
        REQUIRE(done);
      }
      CHECK(read_file(inbox.box) == row.left + (mail_comes ? stored("new") : ""));
      REQUIRE(stat(inbox.box.c_str(), &after) == 0);
      CHECK(after.st_ino == before.st_ino);
      CHECK(after.st_mode == before.st_mode);
      CHECK(!std::filesystem::exists(inbox.box + ".lock"));
      auto deleted = row.deleted;
      deleted.resize(3);
      std::vector<std::string> expected;
      for (std::size_t i = 0; i < 3; ++i) {
        if (!deleted[i]) expected.push_back(before_ids[i]);
      }
      const auto again = open_drop(inbox);
      auto now = ids(again);
      if (mail_comes) {
        CHECK(fetch(again, now.size() - 1) == sent("new"));
        now.pop_back();
      }
      CHECK(now == expected);
    }
  }
}

TEST_CASE("maildrop: an id does not depend on what is appended behind the message") {
  struct Row {
    std::string last, mend;
  };
  const std::string from = "From a@b  Thu Jan  1 00:00:00 1970\n";
  const Row rows[] = {
      {from + "S: x\n\nbody\n\n", ""},
      {from + "S: x\n\nbody\n", "\n"},
      {from + "S: x\n\nbody", "\n\n"},
      {from + "S: x\n\n", ""},
      {from + "S: x\n", "\n"},
      {from + "S: x", "\n\n"},
      {from + "S: x\r\n\r\nb\r\n", "\n"},
      {from + "S: x\n\nb\r", "\n\n"},
      {from, "\n"},
  };
  for (const auto& row : rows) {
    for (const bool remove_last : {false, true}) {
      CAPTURE(row.last, remove_last);
      const Inbox inbox;
      write_file(inbox.box, stored("one") + row.last);
      std::vector<std::string> before;
      std::string text;
      {
        auto drop = open_drop(inbox);
        before = ids(drop);
        text = fetch(drop, 1);
        deliver(inbox, row.mend, stored("new"));
        CHECK(fetch(drop, 1) == text);
        if (remove_last) REQUIRE(drop.remove({false, true}));
      }
      if (remove_last) CHECK(read_file(inbox.box) == stored("one") + stored("new"));
      const auto drop = open_drop(inbox);
      REQUIRE(drop.entries().size() == (remove_last ? 2 : 3));
      CHECK(ids(drop)[0] == before[0]);
      if (!remove_last) {
        CHECK(ids(drop)[1] == before[1]);
        CHECK(fetch(drop, 1) == text);
      }
    }
  }
}

TEST_CASE("maildrop: Status fields of mail readers keep the id") {
  const Inbox inbox;
  write_file(inbox.box, kThree);
  const auto before = ids(open_drop(inbox));
  auto bytes = read_file(inbox.box);
  bytes.insert(bytes.find("\n\nThis is two") + 1, "Status: RO\nX-Status: A\n");
  write_file(inbox.box, bytes);
  CHECK(ids(open_drop(inbox)) == before);
}

TEST_CASE("maildrop: identical messages") {
  const Inbox inbox;
  write_file(inbox.box, stored("same") + stored("same"));
  std::vector<std::string> before;
  {
    auto drop = open_drop(inbox);
    before = ids(drop);
    CHECK(before[1] == before[0] + "-2");
    REQUIRE(drop.remove({true, false}));
  }
  CHECK(ids(open_drop(inbox)) == std::vector{before[1]});
  deliver(inbox, "", stored("same"));
  CHECK(ids(open_drop(inbox)) == std::vector{before[1], before[0] + "-3"});
}

TEST_CASE("maildrop: a second session hears who holds the first, and may wait") {
  const Inbox inbox;
  write_file(inbox.box, kThree);
  {
    const auto drop = open_drop(inbox);
    const auto error = refused(inbox);
    CHECK(error.is_busy());
    CHECK(error.text.starts_with("mailbox in use by a session from 192.0.2.7 since 2"));
    CHECK(error.text.size() < 100);
  }
  open_drop(inbox);
  // A dead holder's lock is gone with it.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto drop = Maildrop::open(inbox.options());
    if (drop) usleep(300000);
    _exit(0);
  }
  usleep(100000);
  auto options = inbox.options();
  options.wait = std::chrono::seconds(20);
  CHECK(Maildrop::open(options));
  REQUIRE(waitpid(child, nullptr, 0) == child);
}

TEST_CASE("maildrop: no inbox is empty; what cannot be read is not") {
  const Inbox inbox;
  CHECK(open_drop(inbox).entries().empty());
  CHECK(open_drop(inbox).remove({}));
  CHECK(!std::filesystem::exists(inbox.box));
  write_file(inbox.box, "");
  CHECK(open_drop(inbox).entries().empty());

  write_file(inbox.box, "this is not mail\n");
  CHECK(refused(inbox).text.find("not an mbox") != std::string::npos);
  std::filesystem::remove(inbox.box);
  std::filesystem::create_directory(inbox.box);
  refused(inbox);
  std::filesystem::remove(inbox.box);
  std::filesystem::create_symlink("nowhere", inbox.box);
  CHECK(refused(inbox).kind == mailbox::ErrorKind::Temporary);
  std::filesystem::remove(inbox.box);
  REQUIRE(mkfifo(inbox.box.c_str(), 0600) == 0);
  refused(inbox);
  std::filesystem::remove(inbox.box);

  auto options = inbox.options();
  options.inbox = inbox.path + "/unmounted/box";
  CHECK(!Maildrop::open(options));
  options = inbox.options();
  options.state = inbox.path + "/missing";
  const auto stateless = Maildrop::open(options);
  REQUIRE(!stateless);
  CHECK(stateless.error().kind == mailbox::ErrorKind::Temporary);
}

TEST_CASE("maildrop: the history outlives a missing inbox") {
  const Inbox inbox;
  write_file(inbox.box, kThree);
  const auto before = ids(open_drop(inbox));
  std::filesystem::rename(inbox.box, inbox.path + "/away");
  CHECK(open_drop(inbox).entries().empty());
  std::filesystem::rename(inbox.path + "/away", inbox.box);
  CHECK(ids(open_drop(inbox)) == before);
}

TEST_CASE("maildrop: a foreign rewrite is found out, and changes nothing") {
  struct Row {
    std::string name;
    std::string bytes;
    bool third_is_well;  // can still be sent
  };
  auto marked = kThree;
  marked.insert(marked.find("\n\nThis is one") + 1, "Status: RO\n");
  auto edited = kThree;
  edited.replace(edited.find("This is two"), 11, "THIS IS TWO");
  const Row rows[] = {
      {"shorter", stored("one") + stored("two"), false},
      {"first removed, others added", stored("two") + stored("three") + stored("four") + stored("five"), false},
      {"a Status field", marked, false},
      {"edited in place", edited, true},
      {"other mail", stored("eno") + stored("owt") + stored("eerht"), false},
      {"empty", "", false},
  };
  const auto ignore = [](std::string_view) { return true; };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const Inbox inbox;
    write_file(inbox.box, kThree);
    auto drop = open_drop(inbox);
    write_file(inbox.box, row.bytes);
    CHECK(drop.fetch(2, ignore).has_value() == row.third_is_well);
    const auto done = drop.remove({true, false, false});
    REQUIRE(!done);
    CHECK(done.error().text.find("another program changed the mailbox") != std::string::npos);
    CHECK(read_file(inbox.box) == row.bytes);
  }
  {
    const Inbox inbox;
    write_file(inbox.box, kThree);
    auto drop = open_drop(inbox);
    write_file(inbox.path + "/other", kThree);
    std::filesystem::rename(inbox.path + "/other", inbox.box);
    CHECK(!drop.remove({true, false, false}));
    CHECK(read_file(inbox.box) == kThree);
  }
  {
    // What was appended is no message: it may be the rest of the one before it.
    const Inbox inbox;
    write_file(inbox.box, kThree);
    auto drop = open_drop(inbox);
    append_file(inbox.box, "rest of three\n");
    CHECK(!drop.remove({false, false, true}));
    CHECK(read_file(inbox.box) == kThree + "rest of three\n");
    CHECK(drop.remove({true, false, false}));
    CHECK(read_file(inbox.box) == stored("two") + stored("three") + "rest of three\n");
  }
}

TEST_CASE("maildrop: messages of every size are sent as they are") {
  const Inbox inbox;
  std::mt19937 random(1);
  std::string bytes;
  std::vector<std::string> texts;
  for (const std::size_t size : {0u, 1u, 65535u, 65536u, 262000u, 262144u, 262300u, 1000000u}) {
    std::string body(size, 'x');
    for (std::size_t i = 0; i < size; i += 60 + random() % 20) body[i] = '\n';
    const auto text = "Subject: " + std::to_string(size) + "\n\n" + body + ".\n";
    texts.push_back(text);
    bytes += "From a@b  Thu Jan  1 00:00:00 1970\n" + text + "\n";
  }
  write_file(inbox.box, bytes);
  auto drop = open_drop(inbox);
  REQUIRE(drop.entries().size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto text = fetch(drop, i);
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    CHECK((text == texts[i]));
  }
  int pieces = 0;
  CHECK(drop.fetch(texts.size() - 1, [&](std::string_view) { return ++pieces < 2; }));
  CHECK(pieces == 2);
  CHECK(!drop.fetch(texts.size(), [](std::string_view) { return true; }));
  // Changed at its end: found out before the first byte.
  auto changed = read_file(inbox.box);
  changed[changed.size() - 4] = '!';
  write_file(inbox.box, changed);
  pieces = 0;
  CHECK(!drop.fetch(texts.size() - 1, [&](std::string_view) { return ++pieces > 0; }));
  CHECK(pieces == 0);
}

TEST_CASE("maildrop: a removal that was cut off is finished by the next login") {
  const Inbox inbox;
  std::string bytes, left;
  std::vector<bool> deleted;
  for (int i = 0; i < 2000; ++i) {
    const auto message = stored(std::to_string(i % 50) + std::string(static_cast<std::size_t>(i % 700), 'x'));
    bytes += message;
    deleted.push_back(i % 3 == 0);
    if (i % 3 != 0) left += message;
  }
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    write_file(inbox.box, bytes);
    std::filesystem::remove(inbox.state + "/uidl");
    std::filesystem::remove(inbox.state + "/journal");
    std::vector<std::string> all, kept;
    {
      all = ids(open_drop(inbox));
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (!deleted[i]) kept.push_back(all[i]);
      }
    }
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto drop = Maildrop::open(inbox.options());
      _exit(drop && drop->remove(deleted) ? 0 : 1);
    }
    usleep(static_cast<useconds_t>(20000 + random() % 60000));
    kill(child, SIGKILL);
    REQUIRE(waitpid(child, nullptr, 0) == child);
    const auto drop = open_drop(inbox);
    const auto now = read_file(inbox.box);
    const bool done = now == left;
    if (!done) REQUIRE((now == bytes));
    CHECK((ids(drop) == (done ? kept : all)));
  }
}

TEST_CASE("maildrop: the first message may come while a session begins") {
  const Inbox inbox;
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::thread delivery([&, wait = random() % 120] {
      std::this_thread::sleep_for(std::chrono::microseconds(wait));
      write_file(inbox.box, stored("first"));
    });
    const auto drop = mailbox::Maildrop::open(inbox.options());
    delivery.join();
    CAPTURE(drop ? "" : drop.error().text);
    REQUIRE(drop);
    std::filesystem::remove(inbox.box);
  }
}

TEST_CASE("maildrop: deliveries and sessions at once lose nothing and double nothing") {
  constexpr int kWriters = 3, kMessages = 60;
  const Inbox inbox;
  std::vector<pid_t> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      bool well = true;
      for (int i = 0; i < kMessages; ++i) {
        const auto header =
            "From a@b  Thu Jan  1 00:00:00 1970\nSubject: " + std::to_string(writer * kMessages + i) + "\n\n";
        mailbox::StoreRequest request{.path = inbox.box, .content = {header, "body\n", false}, .state = inbox.state};
        request.locks.dotlock = true;
        well = well && mailbox::store({}, request);
      }
      _exit(well ? 0 : 1);
    }
    writers.push_back(child);
  }
  std::map<std::string, std::string> known;  // subject of each id ever listed
  std::map<std::string, int> removed;        // times each subject was deleted
  std::mt19937 random(1);
  std::size_t running = writers.size(), left = 1;
  while (running > 0 || left > 0) {
    auto drop = open_drop(inbox);
    std::vector<bool> deleted;
    std::vector<std::string> subjects;
    for (std::size_t i = 0; i < drop.entries().size(); ++i) {
      const auto text = fetch(drop, i);
      subjects.push_back(text.substr(9, text.find('\r') - 9));
      const auto first = known.emplace(drop.entries()[i].uidl, subjects.back());
      CHECK(first.first->second == subjects.back());
      deleted.push_back(running == 0 || random() % 2);
      if (deleted.back()) ++removed[subjects.back()];
    }
    const auto done = drop.remove(deleted);
    CAPTURE(done ? "" : done.error().text);
    REQUIRE(done);
    left = std::filesystem::exists(inbox.box) ? std::filesystem::file_size(inbox.box) : 0;
    for (auto& writer : writers) {
      int status = 0;
      if (writer == 0 || waitpid(writer, &status, WNOHANG) != writer) continue;
      CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
      writer = 0;
      --running;
      left = 1;
    }
  }
  CHECK(known.size() == kWriters * kMessages);
  CHECK(removed.size() == kWriters * kMessages);
  for (const auto& [subject, times] : removed) CHECK(times == 1);
}
