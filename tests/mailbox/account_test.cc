// Accounts: found by name and recipient in a passwd-file and in the system, and become for good.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/account.h"

#include <grp.h>
#include <nss.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <limits>

#include "tests/mailbox/support/site_files.h"

namespace mailbox::site {
namespace {

constexpr std::string_view kUsers =
    "# user:secret:uid:gid:gecos:home:shell:extra\n"
    "\n"
    "anna:{PLAIN}a:b:1001:1001::/home/anna\n"  // one field too many: the uid is "b"
    "otto:{PLAIN}secret:1002:1003:Otto O.,,,:/home/otto:/bin/zsh:quota_inbox=5M other=x quota_folders=0 "
    "userdb_x=y:z\r\n"
    "mia:{SSHA256}abc:::  :/home/mia::\n"
    "nohome:{PLAIN}x:1005:1005\n"
    "relative:{PLAIN}x:1005:1005::home/relative\n"
    "badgid:{PLAIN}x:1005:x1::/home/b\n"
    "minus:{PLAIN}x:4294967295:1::/home/b\n"
    "badquota:{PLAIN}x:1005:1005::/home/b::quota_inbox=5X\n"
    "root:{PLAIN}x:0:0::/root\n"
    "otto:{PLAIN}second:1:1::/home/second\n"
    "liz@example.org:{PLAIN}x:1002:1002::/home/liz\n"
    "jim+work:{PLAIN}x:1007:1007::/home/jimwork\n"
    "jim:{PLAIN}x:1007:1007::/home/jim\n"
    "last:{PLAIN}x:1009:1009::/home/last";

Config with_file(const std::string& path) {
  Config config;
  config.accounts_source = AccountSource::File;
  config.accounts_file = path;
  return config;
}

Account somebody(std::optional<uid_t> uid, std::optional<gid_t> gid) {
  Account account;
  account.name = "somebody";
  account.uid = uid;
  account.gid = gid;
  return account;
}

// The account, which must be there.
Account existing(const Result<std::optional<Account>>& found) {
  if (!found) FAIL(found.error().text);
  REQUIRE(found->has_value());
  return **found;
}

TEST_CASE("account: a passwd-file's line in all its fields") {
  const SiteFiles files;
  const Accounts accounts(with_file(files.write("users", kUsers)));
  const auto otto = accounts.find("otto");
  REQUIRE(otto);
  REQUIRE(*otto);
  CHECK((*otto)->name == "otto");
  CHECK((*otto)->secret == "{PLAIN}secret");
  CHECK((*otto)->uid == 1002u);
  CHECK((*otto)->gid == 1003u);
  CHECK((*otto)->home == "/home/otto");
  CHECK((*otto)->shell == "/bin/zsh");
  CHECK((*otto)->quota_inbox == 5u << 20);
  CHECK((*otto)->quota_folders == 0u);
  CHECK((*otto)->extension.empty());
  const auto mia = accounts.find("mia");
  REQUIRE(mia);
  REQUIRE(*mia);
  CHECK(!(*mia)->uid);
  CHECK(!(*mia)->gid);
  CHECK((*mia)->shell == "/bin/sh");
  CHECK(!(*mia)->quota_inbox);
  CHECK(existing(accounts.find("root")).uid == 0u);
  CHECK(existing(accounts.find("last")).home == "/home/last");
  CHECK(existing(accounts.find("liz@example.org")).name == "liz@example.org");
}

TEST_CASE("account: a line that cannot be used fails for that account alone") {
  struct Row {
    std::string_view name;
    std::string_view error;  // behind the file's name
  };
  const Row rows[] = {
      {"anna", ":3: 'b' is no uid"},
      {"nohome", ":6: the home of nohome is not an absolute path"},
      {"relative", ":7: the home of relative is not an absolute path"},
      {"badgid", ":8: 'x1' is no gid"},
      {"minus", ":9: '4294967295' is no uid"},
      {"badquota", ":10: 'quota_inbox=5X' is no size: bytes, or a number with K, M or G; 0 is none"},
  };
  const SiteFiles files;
  const auto path = files.write("users", kUsers);
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (const auto& found :
         {Accounts(with_file(path)).find(row.name), Accounts(with_file(path)).find_recipient(row.name)}) {
      REQUIRE(!found);
      CHECK(found.error().text == path + std::string(row.error));
      CHECK(found.error().kind == ErrorKind::Temporary);
    }
  }
}

TEST_CASE("account: recipients are tried whole, by local part, before the delimiter") {
  struct Row {
    std::string_view recipient;
    std::string_view name;  // empty: no such account
    std::string_view extension;
  };
  const Row rows[] = {
      {"otto", "otto", ""},
      {"OTTO", "otto", ""},
      {"otto@example.net", "otto", ""},
      {"otto+lists", "otto", "lists"},
      {"Otto+Lists@Example.Net", "otto", "lists"},
      {"otto+a+b@example.net", "otto", "a+b"},
      {"otto+", "otto", ""},
      {"otto-x", "otto", "x"},
      {"otto-x+y", "otto", "x+y"},
      {"liz@example.org", "liz@example.org", ""},
      {"Liz@EXAMPLE.org", "liz@example.org", ""},
      {"liz+x@example.org", "liz@example.org", "x"},
      {"liz@example.net", "", ""},
      {"liz", "", ""},
      {"jim+work@example.org", "jim+work", ""},
      {"jim+works@example.org", "jim", "works"},
      {"+otto", "", ""},
      {"@example.org", "", ""},
      {"", "", ""},
      {"nobody-here", "", ""},
      {"../otto", "", ""},
      {"otto/x", "", ""},
      {"otto+../x", "otto", "../x"},
      {".otto", "", ""},
      {"otto\n", "", ""},
      {"# user", "", ""},
  };
  const SiteFiles files;
  Config config = with_file(files.write("users", kUsers));
  config.accounts_delimiter = "+-";
  for (const Row& row : rows) {
    CAPTURE(row.recipient);
    const auto found = Accounts(config).find_recipient(row.recipient);
    if (!found) FAIL(found.error().text);
    CHECK((*found ? (*found)->name : "") == row.name);
    CHECK((*found ? (*found)->extension : "") == row.extension);
  }
  config.accounts_delimiter = "";
  CHECK(!*Accounts(config).find_recipient("otto+lists"));
}

TEST_CASE("account: names that do not exist are never asked for") {
  const SiteFiles files;
  const std::string long_name(321, 'n');
  const Accounts accounts(with_file(files.write(
      "users", ".hid::1:1::/h\na/b::1:1::/h\n" + long_name + "::1:1::/h\n" + long_name.substr(1) + "::1:1::/h\n")));
  for (const std::string& name : {std::string(), std::string(".hid"), std::string("a/b"), std::string("a\tb"),
                                  std::string("a\0b", 3), std::string("a\x7F"), long_name}) {
    CAPTURE(name);
    const auto found = accounts.find(name);
    REQUIRE(found);
    CHECK(!*found);
  }
  CHECK(*accounts.find(long_name.substr(1)));
  CHECK(!*Accounts(Config()).find("a/b"));
}

TEST_CASE("account: a file that cannot be read is no empty file") {
  const SiteFiles files;
  const std::string paths[] = {files.path("missing"), files.path("."), files.path("fifo")};
  REQUIRE(::mkfifo(files.path("fifo").c_str(), 0600) == 0);
  for (const std::string& path : paths) {
    CAPTURE(path);
    const auto found = Accounts(with_file(path)).find("anna");
    REQUIRE(!found);
    CHECK(found.error().kind == ErrorKind::Temporary);
    CHECK(found.error().text.starts_with("cannot read accounts.file " + path + ": "));
    CHECK(!Accounts(with_file(path)).find_recipient("anna@x"));
    CHECK(!Accounts(with_file(path)).shares_uid(Account{}));
  }
}

TEST_CASE("account: the file is read again each time") {
  const SiteFiles files;
  const Accounts accounts(with_file(files.write("users", "a::1:1::/h\n")));
  CHECK(!*accounts.find("b"));
  files.write("users", "b::1:1::/h\n");
  CHECK(*accounts.find("b"));
}

TEST_CASE("account: shared uids") {
  const SiteFiles files;
  const Accounts accounts(with_file(files.write("users", kUsers)));
  CHECK(*accounts.shares_uid(existing(accounts.find("otto"))));  // liz@example.org
  CHECK(*accounts.shares_uid(existing(accounts.find("jim"))));
  CHECK_FALSE(*accounts.shares_uid(existing(accounts.find("last"))));
  const Accounts own(with_file(files.write("own", "a:::::/h\nb::" + std::to_string(::geteuid()) + ":1::/h\n")));
  CHECK(*own.shares_uid(existing(own.find("a"))));
  CHECK(*own.shares_uid(existing(own.find("b"))));
  const Accounts alone(with_file(files.write("alone", "a:::::/h\nb::54321:1::/h\n")));
  CHECK_FALSE(*alone.shares_uid(existing(alone.find("a"))));
}

TEST_CASE("account: the system's") {
  const Accounts accounts{Config()};
  const auto root = accounts.find("root");
  if (!root) FAIL(root.error().text);
  REQUIRE(*root);
  CHECK((*root)->uid == 0u);
  CHECK((*root)->home == "/root");
  CHECK((*root)->secret.empty());
  CHECK(existing(accounts.find_recipient("Root+Log@localhost")).extension == "log");
  const auto nobody = accounts.find("no-such-account-here");
  REQUIRE(nobody);
  CHECK(!*nobody);
  CHECK_FALSE(*accounts.shares_uid(**root));
  Account twin = **root;
  twin.name = "toor";
  CHECK(*accounts.shares_uid(twin));
}

TEST_CASE("account: a directory that does not answer is no unknown user") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::__nss_configure_lookup("passwd", "no_such_service");
    const Accounts accounts{Config()};
    const auto found = accounts.find("no-such-account-here");
    const auto recipient = accounts.find_recipient("no-such-account-here@example.org");
    const bool failed = !found && !recipient && !accounts.shares_uid(somebody(1, 1)) && !accounts.find_own("x");
    ::_exit(failed && found.error().kind == ErrorKind::Temporary ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("account: our own") {
  const Accounts accounts{Config()};
  const auto own = accounts.find_own("no-such-account-here");
  REQUIRE(own);
  if (*own) CHECK((*own)->uid == ::getuid());
  const SiteFiles files;
  const Accounts file(with_file(files.write("users", kUsers)));
  CHECK(existing(file.find_own("otto")).name == "otto");
  CHECK(!*file.find_own(""));
}

// What become() says in a child, and whether that child then is the account.
std::string become_in_child(const Account& account, AccountSource source) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto done = become(account, source);
    std::string said = done ? "done" : done.error().text;
    if (done) {
      gid_t groups[64];
      const int count = ::getgroups(64, groups);
      said += " " + std::to_string(::getuid()) + " " + std::to_string(::getgid());
      for (int i = 0; i < count; ++i) said += " " + std::to_string(groups[i]);
    } else if (!done.error().is_permanent()) {
      said += " (not permanent)";
    }
    const auto written = ::write(ends[1], said.data(), said.size());
    ::_exit(written == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  char text[512];
  const ssize_t size = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  return std::string(text, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
}

TEST_CASE("become: root gives up everything") {
  if (::geteuid() != 0) return;
  CHECK(become_in_child(somebody(54321, 54322), AccountSource::File) == "done 54321 54322 54322");
  CHECK(become_in_child(somebody(54321, 54322), AccountSource::System) == "done 54321 54322 54322");
  CHECK(become_in_child(somebody(0, 54322), AccountSource::File) == "cannot act for somebody: its uid is 0");
  CHECK(become_in_child(somebody(std::nullopt, 1), AccountSource::File) ==
        "cannot act for somebody: it has no uid, and we are root");
  CHECK(become_in_child(somebody(54321, std::nullopt), AccountSource::File) ==
        "cannot act for somebody: it has no gid, and we are root");
}

TEST_CASE("become: others can only be themselves") {
  const bool is_root = ::geteuid() == 0;
  const uid_t uid = is_root ? 54321 : ::geteuid();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (is_root && ::setresuid(uid, uid, uid) != 0) ::_exit(1);
    const bool own = become(somebody(uid, 1), AccountSource::File) && become(somebody({}, {}), AccountSource::File);
    const auto other = become(somebody(uid + 1, 1), AccountSource::File);
    const auto root = become(somebody(0, 0), AccountSource::System);
    const bool refused = !other && other.error().is_permanent() && !root && root.error().is_permanent();
    ::_exit(own && refused ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

}  // namespace
}  // namespace mailbox::site
