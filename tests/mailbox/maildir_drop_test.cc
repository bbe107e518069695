// Sessions on a Maildir: order, renames by mail readers, links, removal.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

#include "tests/mailbox/support/inbox_files.h"

using namespace inbox_files;
using mailbox::Maildrop;

namespace {

struct MaildirInbox : Inbox {
  MaildirInbox() {
    box += "/";
    for (const char* folder : {"", "tmp", "new", "cur"}) std::filesystem::create_directory(box + folder);
  }
  void put(const std::string& name, const std::string& subject) const {
    write_file(box + name, "Subject: " + subject + "\n\nThis is " + subject + ".\n");
  }
  bool has(const std::string& name) const { return std::filesystem::exists(box + name); }
};

}  // namespace

TEST_CASE("maildir drop: new and cur, by arrival") {
  const MaildirInbox inbox;
  inbox.put("new/1000.b.host", "three");
  inbox.put("cur/999.a.host:2,S", "one");
  inbox.put("new/1000.a.host", "two");
  inbox.put("tmp/1.x.host", "unfinished");
  inbox.put("new/.hidden", "hidden");
  std::filesystem::create_symlink(inbox.box + "tmp/1.x.host", inbox.box + "new/1.link.host");
  std::filesystem::create_directory(inbox.box + "cur/2.directory");
  auto drop = open_drop(inbox);
  REQUIRE(drop.entries().size() == 3);
  CHECK(fetch(drop, 0) == sent("one"));
  CHECK(fetch(drop, 1) == sent("two"));
  CHECK(fetch(drop, 2) == sent("three"));
  const auto before = ids(drop);

  // A mail reader moves and flags; new mail comes.
  std::filesystem::rename(inbox.box + "new/1000.a.host", inbox.box + "cur/1000.a.host:2,");
  std::filesystem::rename(inbox.box + "cur/1000.a.host:2,", inbox.box + "cur/1000.a.host:2,RS");
  inbox.put("new/998.late", "late");
  CHECK(fetch(drop, 1) == sent("two"));
  REQUIRE(drop.remove({true, true, false}));
  CHECK(!inbox.has("cur/999.a.host:2,S"));
  CHECK(!inbox.has("cur/1000.a.host:2,RS"));
  CHECK(inbox.has("new/1000.b.host"));
  CHECK(inbox.has("new/998.late"));
  CHECK(inbox.has("tmp/1.x.host"));
  drop = open_drop(MaildirInbox());
  auto options = inbox.options();
  const auto again = Maildrop::open(options);
  REQUIRE(again);
  REQUIRE(again->entries().size() == 2);
  CHECK(ids(*again)[1] == before[2]);
}

TEST_CASE("maildir drop: missing is empty, broken is not") {
  {
    const MaildirInbox inbox;
    CHECK(open_drop(inbox).entries().empty());
    std::filesystem::remove(inbox.box + "new");
    CHECK(open_drop(inbox).entries().empty());
    std::filesystem::remove(inbox.box + "cur");
    CHECK(!Maildrop::open(inbox.options()));
    std::filesystem::remove_all(inbox.box);
    CHECK(open_drop(inbox).entries().empty());
    write_file(inbox.box.substr(0, inbox.box.size() - 1), "x");
    CHECK(!Maildrop::open(inbox.options()));
  }
  {
    const MaildirInbox inbox;
    std::filesystem::remove(inbox.box + "new");
    std::filesystem::create_directory_symlink("tmp", inbox.box + "new");
    CHECK(!Maildrop::open(inbox.options()));
  }
}

TEST_CASE("maildir drop: a file that was changed or removed") {
  const MaildirInbox inbox;
  inbox.put("new/1.a", "one");
  inbox.put("new/2.a", "two");
  inbox.put("new/3.a", "three");
  auto drop = open_drop(inbox);
  inbox.put("new/1.a", "longer");
  write_file(inbox.box + "new/2.a", "Subject: owt\n\nThis is two.\n");
  std::filesystem::remove(inbox.box + "new/3.a");
  const auto ignore = [](std::string_view) { return true; };
  for (const std::size_t i : {0u, 1u, 2u}) CHECK(!drop.fetch(i, ignore));
  CHECK(!drop.remove({true, false, true}));
  CHECK(inbox.has("new/1.a"));
  CHECK(drop.remove({false, true, true}));
  CHECK(!inbox.has("new/2.a"));
}

TEST_CASE("maildir drop: identical files") {
  const MaildirInbox inbox;
  inbox.put("new/1.a", "same");
  inbox.put("new/2.a", "same");
  std::vector<std::string> before;
  {
    auto drop = open_drop(inbox);
    before = ids(drop);
    CHECK(before[1] == before[0] + "-2");
    REQUIRE(drop.remove({true, false}));
  }
  inbox.put("new/3.a", "same");
  CHECK(ids(open_drop(inbox)) == std::vector{before[1], before[0] + "-3"});
}
