// Which names the agent takes for the inbox, and what confinement to the home lets through.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/filter/support/world.h"

TEST_CASE("the inbox, by whatever name, is locked and delivered to under its own") {
  World world;
  std::filesystem::create_directories(world.scratch / "spool");
  world.setup.inbox = world.scratch / "spool/anna";
  REQUIRE(symlink("spool/anna", (world.scratch / "link").c_str()) == 0);
  AgentHost host(world.setup);
  struct Row {
    std::string name;
  };
  for (const Row& row :
       std::vector<Row>{{"spool/anna"}, {world.scratch / "spool/anna"}, {"link"}, {"spool/../spool/anna"}}) {
    CAPTURE(row.name);
    const auto before = world.scratch.read("spool/anna").size();
    const FolderOutcome outcome = host.deliver({}, to({row.name}));
    CHECK(outcome.delivered);
    CHECK(outcome.folder == row.name);
    CHECK(world.scratch.read("spool/anna").size() == before + outcome.octets);
    CHECK_FALSE(world.scratch.has("spool/anna.lock"));
  }
  // Held by the rules: the delivery does not wait for itself.
  CHECK(host.lock({}, {.name = "spool/anna.lock"}).held);
  auto delivery = to({"link"});
  delivery.locked = "spool/anna.lock";
  CHECK(host.deliver({}, delivery).delivered);
  CHECK(world.scratch.has("spool/anna.lock"));
}

TEST_CASE("confinement: every path beneath the home, and no programs") {
  World world;
  std::filesystem::create_directories(world.scratch / "home/sub");
  std::filesystem::create_directories(world.scratch / "outside");
  std::filesystem::create_directories(world.scratch / "spool");
  world.scratch.write("outside/rc", "A=1\n");
  world.scratch.write("home/rc", "A=2\n");
  REQUIRE(symlink("../outside", (world.scratch / "home/out").c_str()) == 0);
  REQUIRE(symlink("../outside/file", (world.scratch / "home/file").c_str()) == 0);
  REQUIRE(symlink((world.scratch / "outside").c_str(), (world.scratch / "home/abs").c_str()) == 0);
  REQUIRE(symlink("sub", (world.scratch / "home/inner").c_str()) == 0);
  REQUIRE(symlink("sub/real", (world.scratch / "home/alias").c_str()) == 0);
  world.scratch.write("home/sub/real", "");
  const std::string home = world.scratch / "home";
  const mailbox::UniqueFd home_fd(open(home.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  world.setup.directory = home_fd.get();
  world.setup.home = home;
  world.setup.confined_to = home_fd.get();
  world.setup.inbox = world.scratch / "spool/anna";
  AgentHost host(world.setup);

  SECTION("folders") {
    struct Row {
      std::string folder;
      bool delivered;
      std::string seen;
    };
    const std::vector<Row> rows{
        {"box", true, "home/box"},
        {"sub/box", true, "home/sub/box"},
        {home + "/deep", true, "home/deep"},
        {"sub/../up", true, "home/up"},
        {"inner/via", true, "home/sub/via"},
        {"alias", true, "home/sub/real"},
        {world.scratch / "spool/anna", true, "spool/anna"},
        {"/dev/null", true, ""},
        {"../box", false, "box"},
        {"sub/../../box", false, "box"},
        {"out/box", false, "outside/box"},
        {"abs/box", false, "outside/box"},
        {"file", false, "outside/file"},
        {world.scratch / "outside/box", false, "outside/box"},
        {world.scratch / "homeless", false, "homeless"},
        {"/tmp/../" + home + "/../box", false, "box"},
        {"../spool/other", false, "spool/other"},
        {"", false, ""},
    };
    for (const Row& row : rows) {
      CAPTURE(row.folder);
      const FolderOutcome outcome = host.deliver({}, to({row.folder}));
      CHECK(outcome.delivered == row.delivered);
      CHECK(outcome.folder == row.folder);
      if (!row.seen.empty()) CHECK(world.scratch.has(row.seen) == row.delivered);
      if (!row.delivered) CHECK(outcome.notes == Notes{"Error while writing to \"" + row.folder + "\""});
    }
    const FolderOutcome maildir = host.deliver({}, to({"sub/md/"}));
    CHECK(maildir.delivered);
    CHECK(maildir.folder.starts_with("sub/md/new/"));
    CHECK_FALSE(host.deliver({}, to({"../md/"})).delivered);
    CHECK(host.deliver({}, to({"sub"})).kind == Kind::Directory);
    CHECK(host.deliver({}, to({"."})).kind == Kind::Directory);
  }
  SECTION("links into further directories") {
    std::filesystem::create_directories(world.scratch / "home/one");
    std::filesystem::create_directories(world.scratch / "home/sub/two");
    const FolderOutcome outcome = host.deliver({}, to({"one/", "sub/two/", "../outside/"}));
    CHECK(outcome.delivered);
    CHECK(outcome.folder.find(" sub/two/new/") != std::string::npos);
    CHECK(outcome.folder.find("/proc") == std::string::npos);
    CHECK(outcome.notes == Notes{"Couldn't make link to \"../outside/\""});
    CHECK(files_in(world.scratch / "home/sub/two/new") == 1);
    CHECK(files_in(world.scratch / "outside") == 1);
  }
  SECTION("directories, rule files, locks and logs") {
    auto sub = host.enter({}, "sub");
    REQUIRE(sub);
    CHECK(host.enter({*sub, 077}, ".."));
    CHECK(host.enter({}, home));
    CHECK_FALSE(host.enter({*sub, 077}, "../.."));
    CHECK_FALSE(host.enter({}, "/"));
    CHECK_FALSE(host.enter({}, "out"));
    CHECK(*host.load({*sub, 077}, "../rc") == "A=2\n");
    CHECK(*host.load({}, home + "/rc") == "A=2\n");
    for (const std::string bad : {"../outside/rc", "out/rc", "/etc/passwd"}) {
      const auto text = host.load({}, bad);
      REQUIRE_FALSE(text);
      CHECK(text.error().is_not_found());
    }
    CHECK(host.lock({*sub, 077}, {.name = "../x.lock"}).held);
    CHECK(world.scratch.has("home/x.lock"));
    CHECK_FALSE(host.lock({}, {.name = "../x.lock"}).held);
    CHECK(host.lock({}, {.name = world.scratch / "spool/anna.lock"}).held);
    CHECK(host.open_log({}, "sub/log"));
    CHECK_FALSE(host.open_log({}, "../log"));
    CHECK_FALSE(host.open_log({}, "file"));
    CHECK(host.open_log({}, ""));
  }
  SECTION("programs") {
    CHECK_FALSE(host.run({}, call("true")).started);
    host.confine(-1, "");
    CHECK(host.run({}, call("true")).succeeded());
    CHECK(host.load({}, "../outside/rc"));
    host.confine(home_fd.get(), home);
    CHECK_FALSE(host.run({}, call("true")).started);
  }
}

TEST_CASE("a quota's refusal is remembered for the sender, and is nothing that may pass") {
  World world;
  world.setup.inbox = world.scratch / "inbox";
  const auto size = kHeader.size() + kBody.size() + 1;
  mailbox::Quota quota({.inbox = world.setup.inbox,
                        .folders = world.scratch / "Mail",
                        .inbox_limit = size,
                        .folders_limit = 0,
                        .state = ""});
  world.setup.quota = &quota;
  AgentHost host(world.setup);
  CHECK(host.deliver({}, to({"inbox"})).delivered);
  CHECK_FALSE(host.refusal());
  const FolderOutcome refused = host.deliver({}, to({"inbox"}));
  CHECK_FALSE(refused.delivered);
  CHECK(refused.notes == Notes{"Quota exceeded while writing \"inbox\""});
  REQUIRE(host.refusal());
  CHECK(host.refusal()->is_over_quota());
  CHECK_FALSE(host.temporary_failure());
  CHECK(world.scratch.read("inbox").size() == size);
}
