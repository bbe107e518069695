// Quotas: what counts, for which limit, to the last byte, also for two deliveries at once.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/quota.h"

#include "tests/mailbox/support/folder_site.h"

namespace mailbox {
namespace {

const Outgoing kMail{"From a\nA: b\n\n", "From b\nbody\n", false};
constexpr std::uint64_t kStoredSize = 13 + 13 + 1;  // quoted, and with an LF more

Quota::Options options(const FolderSite& site, std::uint64_t inbox_limit, std::uint64_t folders_limit) {
  return {.inbox = site.path("inbox"),
          .folders = site.path("Mail"),
          .inbox_limit = inbox_limit,
          .folders_limit = folders_limit,
          .state = site.path("state")};
}

void make(const FolderSite& site, const std::string& name) { REQUIRE(mkdir(site.path(name).c_str(), 0700) == 0); }

Result<Stored> deliver(const FolderSite& site, Quota& quota, const std::string& path) {
  return store(site.place(), {.path = path, .content = kMail, .quota = &quota});
}

}  // namespace

TEST_CASE("the last byte fits, one more does not") {
  struct Row {
    std::string path;
    std::uint64_t size;
  };
  const Row rows[] = {{"inbox", kStoredSize},     {"Mail/box", kStoredSize},  {"Mail/md/", 5 + 1 + 12},
                      {"Mail/mh/.", 13 + 12 + 1}, {"elsewhere", kStoredSize}, {"other/", 18}};
  for (const auto& row : rows) {
    for (const std::uint64_t limit : {row.size - 1, row.size, row.size + 1, 2 * row.size - 1, 2 * row.size}) {
      CAPTURE(row.path, limit);
      const FolderSite site;
      make(site, "state");
      make(site, "Mail");
      Quota quota(options(site, limit, limit));
      CHECK(deliver(site, quota, row.path).has_value() == (limit >= row.size));
      CHECK(deliver(site, quota, row.path).has_value() == (limit >= 2 * row.size));
    }
  }
}

TEST_CASE("the refusal says what is full, how large, and the limit") {
  const FolderSite site;
  make(site, "state");
  site.write("inbox", std::string(40 * 1024 * 1024, '\n'));
  Quota quota(options(site, 40 * 1024 * 1024, 0));
  const auto stored = deliver(site, quota, "inbox");
  REQUIRE_FALSE(stored);
  CHECK(stored.error().is_over_quota());
  CHECK(stored.error().text == "the inbox would be 40 MB (41943067 bytes), the limit is 40 MB (41943040 bytes)");
  CHECK(site.about("inbox").st_size == 40 * 1024 * 1024);
  REQUIRE(truncate(site.path("inbox").c_str(), 0) == 0);  // frees the space at once
  CHECK(deliver(site, quota, "inbox"));
}

TEST_CASE("the inbox and the folders have limits of their own, 0 is none") {
  const FolderSite site;
  make(site, "state");
  make(site, "Mail");
  Quota folders_only(options(site, 0, 10));
  CHECK(deliver(site, folders_only, "inbox"));
  CHECK(deliver(site, folders_only, "Mail/box").error().is_over_quota());
  CHECK(store(site.place(), {.path = "/dev/null", .content = kMail, .quota = &folders_only}));
  Quota inbox_only(options(site, 10, 0));
  CHECK(deliver(site, inbox_only, "inbox").error().is_over_quota());
  CHECK(deliver(site, inbox_only, "Mail/box"));
  CHECK_FALSE(deliver(site, folders_only, "Mail/new/"));
  CHECK(site.names("Mail") == std::vector<std::string>{"box"});
}

TEST_CASE("the inbox is known by whatever name leads to it") {
  const FolderSite site;
  make(site, "state");
  make(site, "Mail");
  site.write("inbox", "");
  REQUIRE(symlink("../inbox", site.path("Mail/link").c_str()) == 0);
  REQUIRE(link(site.path("inbox").c_str(), site.path("Mail/hard").c_str()) == 0);
  Quota quota(options(site, 10, 0));
  for (const auto& name : {std::string("inbox"), std::string("Mail/link"), std::string("Mail/hard"),
                           std::string("./Mail/../inbox"), site.path("inbox")}) {
    CAPTURE(name);
    CHECK(deliver(site, quota, name).error().is_over_quota());
  }
  REQUIRE(unlink(site.path("Mail/hard").c_str()) == 0);
  REQUIRE(unlink(site.path("inbox").c_str()) == 0);
  CHECK(deliver(site, quota, "./Mail/../inbox").error().is_over_quota());  // not made yet
}

TEST_CASE("what is counted") {
  const FolderSite site;
  make(site, "state");
  make(site, "Mail");
  make(site, "Mail/deep");
  make(site, "Mail/deep/er");
  make(site, "outside");
  site.write("inbox", std::string(7, 'x'));
  site.write("Mail/a", std::string(100, 'x'));
  site.write("Mail/deep/er/b", std::string(1000, 'x'));
  site.write("outside/c", std::string(10'000, 'x'));
  REQUIRE(link(site.path("Mail/a").c_str(), site.path("Mail/deep/again").c_str()) == 0);  // once
  REQUIRE(symlink("../outside", site.path("Mail/link").c_str()) == 0);                    // not followed
  REQUIRE(symlink("..", site.path("Mail/deep/up").c_str()) == 0);
  REQUIRE(link(site.path("inbox").c_str(), site.path("Mail/inbox").c_str()) == 0);  // the inbox is no folder
  site.write("Mail/a.lock", "0");                                                   // no mail
  REQUIRE(chmod(site.path("Mail/a.lock").c_str(), 0444) == 0);
  Quota quota(options(site, 0, 0));
  auto usage = quota.usage();
  REQUIRE(usage);
  CHECK(usage->inbox == 7);
  CHECK(usage->folders == 1100);
  // A destination outside counts whole from its first delivery on.
  REQUIRE(deliver(site, quota, "outside/c"));
  REQUIRE(deliver(site, quota, "outside/c"));
  REQUIRE(deliver(site, quota, "outside/md/"));
  usage = quota.usage();
  REQUIRE(usage);
  CHECK(usage->folders == 1100 + 10'000 + 2 + 2 * kStoredSize + 18);
  REQUIRE(unlink(site.path("outside/c").c_str()) == 0);
  CHECK(quota.usage()->folders == 1100 + 18);
}

TEST_CASE("a Maildir inbox, whose subfolders are folders") {
  const FolderSite site;
  make(site, "state");
  auto with_maildir = options(site, 36, 20);
  with_maildir.inbox = site.path("Maildir/");
  with_maildir.folders = site.path("Maildir");
  Quota quota(with_maildir);
  CHECK(deliver(site, quota, "Maildir/"));
  CHECK(deliver(site, quota, "Maildir/.lists/"));
  CHECK(deliver(site, quota, "Maildir/"));
  CHECK(deliver(site, quota, "Maildir/").error().is_over_quota());
  CHECK(deliver(site, quota, "Maildir/.lists/").error().is_over_quota());
  CHECK(quota.usage()->inbox == 36);
  CHECK(quota.usage()->folders == 18);
}

TEST_CASE("a state directory that is missing, hostile or torn") {
  const FolderSite site;
  make(site, "Mail");
  Quota without(options(site, 1000, 1000));
  CHECK(deliver(site, without, "inbox"));
  CHECK(deliver(site, without, "outside"));
  make(site, "state");
  std::string text = "relative";
  text += '\0';
  text += site.path("outside");  // torn: without its NUL it does not count
  site.write("state/folders", text);
  REQUIRE(chmod(site.path("state/folders").c_str(), 0600) == 0);
  CHECK(without.usage()->folders == 0);
  REQUIRE(deliver(site, without, "other"));
  CHECK(without.usage()->folders == 2 * kStoredSize);  // the next record ends the torn one
  REQUIRE(unlink(site.path("state/folders").c_str()) == 0);
  REQUIRE(symlink("/etc/passwd", site.path("state/folders").c_str()) == 0);
  CHECK_FALSE(without.usage());
}

TEST_CASE("of many deliveries at once only what fits is stored") {
  const FolderSite site;
  make(site, "state");
  make(site, "Mail");
  constexpr int kFit = 10;
  std::vector<pid_t> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.push_back(start_child([&] {
      Quota quota(options(site, 0, kFit * kStoredSize));
      int stored = 0;
      for (int i = 0; i < 8; ++i) stored += deliver(site, quota, "Mail/box" + std::to_string(writer)) ? 1 : 0;
      return stored;
    }));
  }
  int stored = 0;
  for (const auto writer : writers) stored += wait_for_child(writer);
  CHECK(stored == kFit);
  CHECK(Quota(options(site, 0, 0)).usage()->folders == kFit * kStoredSize);
}

}  // namespace mailbox
