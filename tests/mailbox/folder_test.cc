// Deliveries by name: mbox, Maildir, MH, plain directory, /dev/null, links between them, and what goes wrong.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/folder.h"

#include "mailbox/maildir.h"
#include "mailbox/mh.h"
#include "tests/mailbox/support/folder_site.h"

namespace mailbox {
namespace {

using Names = std::vector<std::string>;

const Outgoing kMail{"From a@b  Thu Jan  1 00:00:00 1970\n>From c\nSubject: x\n\n", "From me\nbody\n", false};
const std::string kWhole = "From a@b  Thu Jan  1 00:00:00 1970\n>From c\nSubject: x\n\nFrom me\nbody\n\n";
const std::string kInMaildir = "Subject: x\n\nFrom me\nbody\n";

}  // namespace

TEST_CASE("the kind goes by the name") {
  struct Row {
    std::string path, made_first;
    FolderKind kind;
    std::string name;  // a prefix
  };
  const Row rows[] = {
      {"box", "", FolderKind::Mbox, "box"},
      {"md/", "", FolderKind::Maildir, "md/new/"},
      {"md///", "", FolderKind::Maildir, "md/new/"},
      {"mh/.", "", FolderKind::Mh, "mh/1"},
      {"mh//.", "", FolderKind::Mh, "mh/1"},
      {"dd", "dd", FolderKind::Directory, "dd/msg."},
      {".", "", FolderKind::Directory, "./msg."},
      {"./", "", FolderKind::Maildir, "./new/"},
      {"/dev/null", "", FolderKind::Discard, "/dev/null"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path);
    const FolderSite site;
    if (!row.made_first.empty()) REQUIRE(mkdir(site.path(row.made_first).c_str(), 0700) == 0);
    const auto stored = store(site.place(), {.path = row.path, .content = kMail});
    REQUIRE(stored);
    CHECK(stored->kind == row.kind);
    CHECK(stored->name.starts_with(row.name));
    CHECK(stored->notes.empty());
    if (row.kind == FolderKind::Discard) continue;
    CHECK(site.about(stored->name).st_size == static_cast<off_t>(stored->octets));
  }
  const FolderSite site;
  CHECK_FALSE(store(site.place(), {.path = "", .content = kMail}));
  CHECK(store(site.place(), {.path = site.path("abs/"), .content = kMail})->name.starts_with(site.path("abs/new/")));
}

TEST_CASE("what a message becomes in each kind") {
  const FolderSite site;
  REQUIRE(mkdir(site.path("dd").c_str(), 0700) == 0);
  struct Row {
    std::string path;
    Outgoing content;
    std::string expected;
  };
  const Row rows[] = {
      {"md/", kMail, kInMaildir},
      {"md/", {"", "From me\nbody", false}, "From me\nbody"},
      {"md/", {kMail.header, "", false}, "Subject: x\n\n"},
      {"md/", {kMail.header, kMail.body, true}, kInMaildir},
      {"mh/.", kMail, kWhole},
      {"dd", kMail, kWhole},
      {"dd", {kMail.header, kMail.body, true}, kWhole.substr(0, kWhole.size() - 1)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path, row.expected);
    const auto stored = store(site.place(), {.path = row.path, .content = row.content});
    REQUIRE(stored);
    CHECK(site.read(stored->name) == row.expected);
    CHECK(stored->octets == row.expected.size());
  }
  CHECK(site.names("md/tmp").empty());
}

TEST_CASE("Maildir names") {
  CHECK(maildir_name(1700000000, 42, 0, "host.example") == "1700000000.42_0.host.example");
  CHECK(maildir_name(1, 2, 3, "a/b:c\\d") == "1.2_3.a\\057b\\072c\\134d");
  const FolderSite site;
  for (int i = 0; i < 50; ++i) REQUIRE(store(site.place(), {.path = "md/", .content = kMail}));
  CHECK(site.names("md/new").size() == 50);
}

TEST_CASE("modes of directories and their files") {
  const FolderSite site;
  const mode_t before = umask(0777);
  const auto one = store(site.place(022), {.path = "md/", .content = kMail});
  const auto two = store(site.place(077), {.path = "mh/.", .content = kMail});
  umask(before);
  REQUIRE((one && two));
  for (const char* name : {"md", "md/new", "md/cur", "md/tmp"}) CHECK((site.about(name).st_mode & 07777) == 0755);
  CHECK((site.about(one->name).st_mode & 07777) == 0645);
  CHECK((site.about("mh").st_mode & 07777) == 0700);
  CHECK((site.about(two->name).st_mode & 07777) == 0600);
  REQUIRE(store(site.place(022), {.path = "mh/.", .content = kMail}));
  CHECK((site.about("mh").st_mode & 07777) == 0701);  // PROCMAIL.md 16.3
}

TEST_CASE("MH numbers") {
  struct Row {
    Names there;
    std::string next;
  };
  const Row rows[] = {{{}, "1"},
                      {{"1", "2"}, "3"},
                      {{"9", "10"}, "11"},
                      {{"0007"}, "8"},
                      {{"3", "x9", "9x", ".mh_sequences", ",12", "_temporary"}, "4"},
                      {{"5", "99999999999999999999"}, "6"}};
  for (const auto& row : rows) {
    CAPTURE(row.next);
    const FolderSite site;
    REQUIRE(mkdir(site.path("mh").c_str(), 0700) == 0);
    for (const auto& name : row.there) site.write("mh/" + name, "");
    const auto stored = store(site.place(), {.path = "mh/.", .content = kMail});
    REQUIRE(stored);
    CHECK(stored->name == "mh/" + row.next);
    CHECK(site.names("mh").size() == row.there.size() + 1);
  }
}

TEST_CASE("MH deliveries at once get a number each") {
  const FolderSite site;
  std::vector<pid_t> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.push_back(start_child([&] {
      for (int i = 0; i < 20; ++i) {
        if (!store(site.place(), {.path = "mh/.", .content = kMail})) return 1;
      }
      return 0;
    }));
  }
  for (const auto writer : writers) CHECK(wait_for_child(writer) == 0);
  CHECK(site.names("mh").size() == 80);
  CHECK(site.exists("mh/80"));
}

TEST_CASE("names by inode") {
  CHECK(inode_name("msg.", 10962437) == "msg.FY0p");  // as the real procmail named that inode
  CHECK(inode_name("", 0) == "A");
  CHECK(inode_name("", 63) == "_");
  CHECK(inode_name("", 64) == "AB");
  const FolderSite site;
  const auto stored = store(site.place(), {.path = ".", .content = kMail, .message_prefix = "x"});
  REQUIRE(stored);
  CHECK(stored->name == "./" + inode_name("x", site.about(stored->name).st_ino));
}

TEST_CASE("further directories get links") {
  const FolderSite site;
  REQUIRE(mkdir(site.path("dd").c_str(), 0700) == 0);
  site.write("plain", "");
  const auto stored =
      store(site.place(), {.path = "dd", .links = {"mh/.", "md/", "plain", "other", "no/such/"}, .content = kMail});
  REQUIRE(stored);
  std::istringstream words(stored->name);
  Names names;
  for (std::string word; words >> word;) names.push_back(word);
  REQUIRE(names.size() == 4);
  CHECK(names[1] == "mh/1");
  CHECK(names[2].starts_with("md/new/"));
  CHECK(names[3].starts_with("other/msg."));
  for (const auto& name : names) CHECK(site.about(name).st_ino == site.about(names[0]).st_ino);
  CHECK(stored->notes == Names{"Unable to treat as directory \"plain\"", "Skipped \"plain\"",
                               "Unable to treat as directory \"no/such\"", "Skipped \"no/such\""});
}

TEST_CASE("a link that cannot be made is noted") {
  const FolderSite site;
  REQUIRE(mkdir(site.path("closed").c_str(), 0555) == 0);
  const int code = run_unprivileged(site, [&] {
    const auto stored = store(site.place(), {.path = "mh/.", .links = {"closed"}, .content = kMail});
    return stored && stored->notes == Names{"Couldn't make link to \"closed\""} && stored->name == "mh/1" ? 0 : 1;
  });
  CHECK(code == 0);
}

TEST_CASE("behind an mbox the rest is skipped") {
  const FolderSite site;
  const auto stored = store(site.place(), {.path = "box", .links = {"a", "b/"}, .content = kMail});
  REQUIRE(stored);
  CHECK(stored->notes == Names{"Skipped \"a b/\""});
  CHECK(site.names() == Names{"box"});
}

TEST_CASE("what cannot be a directory is an mbox") {
  const FolderSite site;
  site.write("plain", "");
  for (const char* path : {"plain/", "plain/."}) {
    CAPTURE(path);
    const auto stored = store(site.place(), {.path = path, .content = kMail});
    REQUIRE(stored);
    CHECK(stored->kind == FolderKind::Mbox);
    CHECK(stored->name == "plain");
    CHECK(stored->notes == Names{"Unable to treat as directory \"plain\""});
  }
  CHECK(site.read("plain").find("\n>From me\n") != std::string::npos);
  CHECK(store(site.place(), {.path = "no/such/", .content = kMail}).error().is_not_found());
}

TEST_CASE("a full disk leaves nothing in a directory") {
  const FolderSite site;
  const int code = wait_for_child(start_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &small);
    const std::string body(5000, 'x');
    for (const char* path : {"md/", "mh/.", "."}) {
      const auto stored = store(site.place(), {.path = path, .content = {kMail.header, body, false}});
      if (stored || stored.error().code != EFBIG) return 1;
    }
    return 0;
  }));
  CHECK(code == 0);
  CHECK(site.names("md/new").empty());
  CHECK(site.names("md/tmp").empty());
  CHECK(site.names("mh").empty());
  CHECK(site.names() == Names{"md", "mh"});
}

TEST_CASE("flag i: what cannot be opened counts as stored") {
  const FolderSite site;
  const auto stored = store(site.place(), {.path = "no/such/box", .content = kMail, .ignore_errors = true});
  REQUIRE(stored);
  CHECK(stored->octets == 0);
  CHECK(stored->name == "no/such/box");
}

TEST_CASE("killed anywhere, a Maildir delivery leaves whole messages only") {
  const FolderSite site;
  const std::string body(300'000, 'x');
  for (int round = 0; round < 60; ++round) {
    const auto child = start_child([&] {
      for (;;) {
        if (!store(site.place(), {.path = "md/", .links = {"mh/."}, .content = {kMail.header, body, false}})) return 1;
      }
    });
    usleep(static_cast<useconds_t>(round * 67));
    kill(child, SIGKILL);
    CHECK(wait_for_child(child) == 128 + SIGKILL);
  }
  for (const char* folder : {"md/new", "mh"}) {
    if (!site.exists(folder)) continue;
    for (const auto& name : site.names(folder)) {
      CAPTURE(name);
      CHECK(site.about(std::string(folder) + "/" + name).st_size == static_cast<off_t>(body.size()) + 12);
    }
  }
}

}  // namespace mailbox
