// State directories: names, modes, owners, links.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/state_dir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

namespace {

struct Temporary {
  std::string path = "/tmp/sluice-state-XXXXXX";
  Temporary() { REQUIRE(mkdtemp(path.data())); }
  ~Temporary() { std::filesystem::remove_all(path); }
};

struct stat look(const std::string& path) {
  struct stat about{};
  REQUIRE(lstat(path.c_str(), &about) == 0);
  return about;
}

}  // namespace

TEST_CASE("state directory: names") {
  struct Row {
    std::string name;
    bool taken;
  };
  const Row rows[] = {
      {"anna", true},
      {"anna@example.org", true},
      {"a+b", true},
      {"", false},
      {".", false},
      {"..", false},
      {".anna", false},
      {"a/b", false},
      {"a\nb", false},
      {"a\x7f", false},
      {"a.b", true},
      {std::string(255, 'x'), true},
      {std::string(256, 'x'), false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(mailbox::is_state_name(row.name) == row.taken);
  }
  const Temporary folder;
  const auto refused = mailbox::ensure_state(folder.path, "../anna", {}, {});
  REQUIRE(!refused);
  CHECK(refused.error().is_permanent());
}

TEST_CASE("state directory: made once, private, also the parent") {
  const Temporary folder;
  for (int i = 0; i < 2; ++i) {
    const auto state = mailbox::ensure_state(folder.path + "/state", "anna@example.org", {}, {});
    REQUIRE(state);
    CHECK(*state == folder.path + "/state/anna@example.org");
    CHECK((look(*state).st_mode & 07777) == 0700);
    CHECK(look(*state).st_uid == geteuid());
  }
  const auto path = folder.path + "/state/anna@example.org";
  REQUIRE(chmod(path.c_str(), 0777) == 0);
  REQUIRE(mailbox::ensure_state(folder.path + "/state", "anna@example.org", {}, {}));
  CHECK((look(path).st_mode & 07777) == 0700);
}

TEST_CASE("state directory: a link or a file is refused") {
  const Temporary folder;
  REQUIRE(mkdir((folder.path + "/real").c_str(), 0700) == 0);
  REQUIRE(symlink("real", (folder.path + "/anna").c_str()) == 0);
  const auto link = mailbox::ensure_state(folder.path, "anna", {}, {});
  REQUIRE(!link);
  CHECK(!link.error().is_permanent());
  REQUIRE(close(creat((folder.path + "/bert").c_str(), 0600)) == 0);
  CHECK(!mailbox::ensure_state(folder.path, "bert", {}, {}));
}

TEST_CASE("state directory: root gives it to the account, and sets aside another's") {
  if (geteuid() != 0) return;
  const Temporary folder;
  const auto state = mailbox::ensure_state(folder.path, "anna", 12345, 12346);
  REQUIRE(state);
  CHECK(look(*state).st_uid == 12345);
  CHECK(look(*state).st_gid == 12346);
  REQUIRE(close(creat((*state + "/uidl").c_str(), 0600)) == 0);
  const auto again = mailbox::ensure_state(folder.path, "anna", 12347, 12346);
  REQUIRE(again);
  CHECK(look(*again).st_uid == 12347);
  CHECK(!std::filesystem::exists(*again + "/uidl"));
  CHECK(std::filesystem::exists(folder.path + "/.anna.12345/uidl"));
}
