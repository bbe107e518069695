// kill -9 after each system call of a QUIT: the next program finds the mailbox as before or as after, no message
// doubled. SPDX-License-Identifier: Apache-2.0
//
// A child takes the session's lock over and removes messages, as QUIT's worker does; ptrace stops it after each of its
// system calls, one run for each. Then a delivery or a login comes.
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "tests/mailbox/support/inbox_files.h"

using namespace inbox_files;
using mailbox::Maildrop;

namespace {

constexpr int kMarked = 0x80;  // PTRACE_O_TRACESYSGOOD
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStep = 7;  // forks are slow there
#else
constexpr std::size_t kStep = 1;
#endif

[[noreturn]] void remove_as_a_worker(const Inbox& inbox, mailbox::UniqueFd session, const std::vector<bool>& deleted) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(2);
  raise(SIGSTOP);
  auto drop = Maildrop::resume(inbox.options(), std::move(session));
  _exit(drop && drop->remove(deleted) ? 0 : 1);
}

// Kills the child after `calls` of its system calls. True: it had done all before.
bool run_until(pid_t child, std::size_t calls) {
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSTOPPED(status));
  REQUIRE(ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0);
  for (std::size_t stops = 0; stops < 2 * calls;) {  // at the entry and at the exit of each
    REQUIRE(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0);
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
      REQUIRE(WEXITSTATUS(status) == 0);
      return true;
    }
    REQUIRE(WIFSTOPPED(status));
    if (WSTOPSIG(status) == (SIGTRAP | kMarked)) ++stops;
  }
  kill(child, SIGKILL);
  REQUIRE(waitpid(child, &status, 0) == child);
  return false;
}

// A login, then a QUIT that is killed. True: it was not killed any more.
bool quit_killed_after(const Inbox& inbox, const std::vector<bool>& deleted, std::size_t calls) {
  mailbox::UniqueFd session;
  {
    auto drop = open_drop(inbox);
    auto shared = drop.share_session();
    REQUIRE(shared);
    session = std::move(*shared);
  }
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) remove_as_a_worker(inbox, std::move(session), deleted);
  session.reset();
  return run_until(child, calls);
}

void deliver(const Inbox& inbox, const std::string& message) {
  const mailbox::UniqueFd fd(open(inbox.box.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
  REQUIRE(fd);
  auto lock = mailbox::MailboxLock::take(AT_FDCWD, inbox.box, fd.get());
  REQUIRE(lock);
  REQUIRE(mailbox::replay(fd.get(), inbox.state));
  append_file(inbox.box, message);
}

void check_mbox(const std::vector<bool>& deleted) {
  const std::vector<std::string> texts{stored("one"), stored("twin"), stored("two"), stored("twin"), stored("three")};
  std::string all, left;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    all += texts[i];
    if (!deleted[i]) left += texts[i];
  }
  std::size_t as_before = 0, as_after = 0;
  bool done = false;
  for (std::size_t calls = 0; !done; calls += kStep) {
    CAPTURE(calls);
    const Inbox inbox;
    write_file(inbox.box, all);
    auto expected = ids(open_drop(inbox));
    done = quit_killed_after(inbox, deleted, calls);
    const std::string later = calls % 2 == 0 ? stored("new") : "";
    if (!later.empty()) deliver(inbox, later);
    const auto drop = open_drop(inbox);
    const auto text = read_file(inbox.box);
    const bool is_after = text == left + later;
    REQUIRE((is_after || (!done && text == all + later)));
    ++(is_after ? as_after : as_before);
    // Who stayed has the id that it had, twins too.
    for (std::size_t i = deleted.size(); is_after && i-- > 0;) {
      if (deleted[i]) expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(i));
    }
    auto now = ids(drop);
    now.resize(expected.size());
    REQUIRE(now == expected);
  }
  CHECK(as_before > 1);
  CHECK(as_after > 1);
}

}  // namespace

TEST_CASE("QUIT killed after each system call: the first of an mbox") {
  check_mbox({true, false, false, false, false});
}
TEST_CASE("QUIT killed after each system call: one of two twins") { check_mbox({false, true, false, false, true}); }
TEST_CASE("QUIT killed after each system call: the last ones") { check_mbox({false, false, false, true, true}); }
TEST_CASE("QUIT killed after each system call: all of an mbox") { check_mbox({true, true, true, true, true}); }

TEST_CASE("QUIT killed after each system call: a Maildir loses nothing but what was to go") {
  bool done = false;
  for (std::size_t calls = 0; !done; calls += kStep) {
    CAPTURE(calls);
    Inbox inbox;
    inbox.box += "/";
    for (const char* folder : {"", "tmp", "new", "cur"}) std::filesystem::create_directory(inbox.box + folder);
    for (const char* name : {"1", "2", "3"}) write_file(inbox.box + "new/" + name + ".a", "Subject: same\n\nsame\n");
    const auto before = ids(open_drop(inbox));
    done = quit_killed_after(inbox, {true, false, true}, calls);
    const auto drop = open_drop(inbox);
    REQUIRE(std::filesystem::exists(inbox.box + "new/2.a"));
    REQUIRE((!done || drop.size() == 1));
    auto now = ids(drop);
    std::sort(now.begin(), now.end());
    REQUIRE(std::unique(now.begin(), now.end()) == now.end());
  }
}
