// Locks: who waits, who breaks which lock, and that nobody is in twice.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/lock.h"

#include <sys/file.h>

#include "tests/mailbox/support/folder_site.h"

using namespace std::chrono_literals;

namespace mailbox {
namespace {

const LockWait kOneTry{.give_up = 0ms, .interrupted = {}};

void make_old(const FolderSite& site, const std::string& name, long seconds) {
  const timespec then{time(nullptr) - seconds, 0};
  const timespec times[2] = {then, then};
  REQUIRE(utimensat(AT_FDCWD, site.path(name).c_str(), times, 0) == 0);
}

// A child that takes the dotlock and is killed with it.
void leave_stale_lock(const FolderSite& site, const std::string& name) {
  const auto child = start_child([&] {
    auto lock = DotLock::take(site.directory(), name);
    if (lock) raise(SIGKILL);
    return 1;
  });
  REQUIRE(wait_for_child(child) == 128 + SIGKILL);
  REQUIRE(site.exists(name));
}

}  // namespace

TEST_CASE("a dotlock is there while it is held") {
  const FolderSite site;
  {
    auto lock = DotLock::take(site.directory(), "box.lock");
    REQUIRE(lock);
    const auto about = site.about("box.lock");
    CHECK((about.st_mode & 07777) == 0444);
    CHECK(about.st_size <= 16);
    CHECK(site.read("box.lock") == "sluice " + std::to_string(getpid()) + "\n");
    CHECK(site.names() == std::vector<std::string>{"box.lock"});
    const auto second = DotLock::take(site.directory(), "box.lock", kOneTry);
    REQUIRE_FALSE(second);
    CHECK(second.error().is_busy());
    CHECK_FALSE(lock->was_forced());
    const DotLock moved = std::move(*lock);
    CHECK(site.exists("box.lock"));
  }
  CHECK(site.names().empty());
}

TEST_CASE("a lock file that is no longer ours stays") {
  const FolderSite site;
  auto lock = DotLock::take(site.directory(), "box.lock");
  REQUIRE(lock);
  REQUIRE(unlink(site.path("box.lock").c_str()) == 0);
  site.write("box.lock", "0");
  lock->release();
  lock->release();
  CHECK(site.read("box.lock") == "0");
}

TEST_CASE("a dead holder's dotlock is broken at once") {
  const FolderSite site;
  leave_stale_lock(site, "box.lock");
  const auto start = std::chrono::steady_clock::now();
  auto lock = DotLock::take(site.directory(), "box.lock", kOneTry);
  CHECK(lock);
  CHECK(std::chrono::steady_clock::now() - start < 1s);
}

TEST_CASE("a living holder's dotlock is respected in another process") {
  const FolderSite site;
  auto lock = DotLock::take(site.directory(), "box.lock");
  REQUIRE(lock);
  const auto child = start_child([&] {
    auto second = DotLock::take(site.directory(), "box.lock", {.give_up = 30ms, .interrupted = {}});
    return !second && second.error().is_busy() ? 0 : 1;
  });
  CHECK(wait_for_child(child) == 0);
}

TEST_CASE("other programs' dotlocks") {
  struct Row {
    std::string content;
    long age;
    std::chrono::seconds stale_after;
    bool taken;
  };
  const std::string sixteen(16, '1'), seventeen(17, '1');
  const Row rows[] = {
      {"0", 0, 10s, false},   {"0", 8, 10s, false},     {"0", 12, 10s, true},          {"", 12, 10s, true},
      {"0", 5000, 0s, false}, {sixteen, 12, 10s, true}, {seventeen, 5000, 10s, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.content, row.age);
    const FolderSite site;
    site.write("box.lock", row.content);
    make_old(site, "box.lock", row.age);
    auto lock = DotLock::take(site.directory(), "box.lock",
                              {.stale_after = row.stale_after, .give_up = 5ms, .interrupted = {}});
    CHECK(lock.has_value() == row.taken);
    if (lock)
      CHECK(lock->was_forced());
    else
      CHECK(lock.error().is_busy());
  }
}

TEST_CASE("what is no lock file is left alone") {
  const FolderSite site;
  REQUIRE(mkdir(site.path("box.lock").c_str(), 0700) == 0);
  make_old(site, "box.lock", 5000);
  CHECK_FALSE(DotLock::take(site.directory(), "box.lock", kOneTry));
  REQUIRE(symlink("absent", site.path("b2.lock").c_str()) == 0);
  CHECK_FALSE(DotLock::take(site.directory(), "b2.lock", kOneTry));
  CHECK(site.names().size() == 2);
}

TEST_CASE("a dotlock that cannot be made fails at once") {
  const FolderSite site;
  const auto start = std::chrono::steady_clock::now();
  CHECK(DotLock::take(site.directory(), "no/such/box.lock").error().is_not_found());
  CHECK_FALSE(DotLock::take(site.directory(), "dir/"));
  REQUIRE(mkdir(site.path("closed").c_str(), 0555) == 0);
  const int code = run_unprivileged(site, [&] {
    auto lock = DotLock::take(site.directory(), "closed/box.lock");
    return !lock && lock.error().code == EACCES ? 0 : 1;
  });
  CHECK(code == 0);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("an interrupted wait is busy") {
  const FolderSite site;
  auto lock = DotLock::take(site.directory(), "box.lock");
  REQUIRE(lock);
  int asked = 0;
  const auto second = DotLock::take(site.directory(), "box.lock", {.interrupted = [&] { return ++asked > 3; }});
  CHECK(second.error().is_busy());
  CHECK(asked == 4);
}

TEST_CASE("pauses grow with the time waited, up to the longest") {
  const LockWait wait{.longest_pause = 5ms, .give_up = 60ms, .interrupted = {}};
  Backoff backoff(wait);
  int pauses = 0;
  while (backoff.pause()) ++pauses;
  CHECK(backoff.waited() >= 60ms);
  CHECK(pauses >= 5);
  CHECK(pauses < 400);
}

TEST_CASE("kernel locks") {
  const FolderSite site;
  site.write("box", "");
  auto one = open_at(site.directory(), "box", O_RDWR);
  auto two = open_at(site.directory(), "box", O_RDWR);
  {
    auto lock = KernelLock::try_take(one->get());
    REQUIRE(lock);
    CHECK(KernelLock::try_take(two->get()).error().is_busy());
    struct flock posix{};  // as procmail and others lock
    posix.l_type = F_WRLCK;
    CHECK(fcntl(two->get(), F_SETLK, &posix) == -1);
  }
  CHECK(KernelLock::try_take(two->get()));
  auto reading = open_at(site.directory(), "box", O_RDONLY);
  CHECK(KernelLock::try_take(reading->get()).error().code == EBADF);
}

TEST_CASE("a mailbox lock never waits for the kernel with the dotlock in hand") {
  const FolderSite site;
  site.write("box", "");
  auto other = open_at(site.directory(), "box", O_RDWR);
  auto ours = open_at(site.directory(), "box", O_RDWR);
  auto held = KernelLock::try_take(other->get());
  REQUIRE(held);
  const auto child = start_child([&] {
    auto box = open_at(site.directory(), "box", O_RDWR);
    auto lock = MailboxLock::take(site.directory(), "box", box->get());
    return lock ? 0 : 1;
  });
  // The dotlock must be free most of the time, or this would never get it.
  {
    CHECK(DotLock::take(site.directory(), "box.lock", {.give_up = 5s, .interrupted = {}}));
  }
  held->release();
  CHECK(wait_for_child(child) == 0);
  {
    auto lock = MailboxLock::take(site.directory(), "box", ours->get());
    REQUIRE(lock);
    CHECK(lock->dotlock_error().empty());
    CHECK(site.exists("box.lock"));
    const auto busy = MailboxLock::take(site.directory(), "box", other->get(), {.dot = kOneTry, .give_up = 10ms});
    CHECK(busy.error().is_busy());
  }
  CHECK(site.names() == std::vector<std::string>{"box"});
  auto plain = MailboxLock::take(site.directory(), "no/such/name", ours->get());  // 18.4: the kernel's lock alone
  REQUIRE(plain);
  CHECK_FALSE(plain->dotlock_error().empty());
  CHECK(KernelLock::try_take(other->get()).error().is_busy());
}

TEST_CASE("file locks stay where they are and go where their descriptor goes") {
  const FolderSite site;
  UniqueFd kept;
  {
    auto lock = FileLock::take(site.directory(), "session.lock", 0ms);
    REQUIRE(lock);
    CHECK((site.about("session.lock").st_mode & 07777) == 0600);
    REQUIRE(write_all(lock->fd(), "192.0.2.7"));
    const auto start = std::chrono::steady_clock::now();
    CHECK(FileLock::take(site.directory(), "session.lock", 30ms).error().is_busy());
    CHECK(std::chrono::steady_clock::now() - start >= 30ms);
    kept = lock->release();
  }
  CHECK(FileLock::take(site.directory(), "session.lock", 0ms).error().is_busy());
  kept.reset();
  CHECK(FileLock::take(site.directory(), "session.lock", 0ms));
  CHECK(site.read("session.lock") == "192.0.2.7");
  CHECK_FALSE(FileLock::take(site.directory(), "no/such.lock", 0ms));
}

// Everybody in the room writes that they are in, and looks whether they are alone.
TEST_CASE("nobody is in twice, though holders are killed") {
  const FolderSite site;
  site.write("count", "0");
  constexpr int kWorkers = 4, kRounds = 40;
  std::vector<pid_t> workers;
  for (int i = 0; i < kWorkers; ++i) {
    workers.push_back(start_child([&] {
      for (int round = 0; round < kRounds; ++round) {
        auto lock = DotLock::take(site.directory(), "box.lock");
        if (!lock) return 1;
        UniqueFd room(open(site.path("room").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (flock(room.get(), LOCK_EX | LOCK_NB) != 0) return 2;
        const auto text = read_file(site.directory(), "count", 100);
        std::ofstream(site.path("count")) << std::stol(*text) + 1;
      }
      return 0;
    }));
  }
  for (int i = 0; i < 20; ++i) {
    wait_for_child(start_child([&] {
      auto lock = DotLock::take(site.directory(), "box.lock");
      if (lock) raise(SIGKILL);
      return 1;
    }));
  }
  for (const auto worker : workers) CHECK(wait_for_child(worker) == 0);
  CHECK(site.read("count") == std::to_string(kWorkers * kRounds));
}

}  // namespace mailbox
