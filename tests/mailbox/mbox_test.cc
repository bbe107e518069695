// Appends to an mbox: what is written, what is mended, what an error or a kill leaves behind.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox.h"

#include <sys/file.h>

#include <random>
#include <thread>

#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "tests/mailbox/support/folder_site.h"

using namespace std::chrono_literals;

namespace mailbox {
namespace {

const Outgoing kMail{"From a@b  Thu Jan  1 00:00:00 1970\nSubject: x\n\n", "body\n", false};
const std::string kStored = "From a@b  Thu Jan  1 00:00:00 1970\nSubject: x\n\nbody\n\n";

Result<Stored> append(const FolderSite& site, const std::string& path, StoreRequest request = {}) {
  if (request.content.size() == 0) request.content = kMail;
  return append_to_mbox(site.place(), path, request);
}

}  // namespace

TEST_CASE("line ends that are missing are added in front of the next message") {
  struct Row {
    std::string before, between;
  };
  const Row rows[] = {{"", ""},
                      {"\n", ""},
                      {"\n\n", ""},
                      {"x", "\n\n"},
                      {"x\n", "\n"},
                      {"x\n\n", ""},
                      {"x\n\n\n", ""},
                      {"x\n\nFrom a@", "  Thu Jan  1 00:00:00 1970\n\n"},
                      {"x\n\nFr", "om MAILER-DAEMON  Thu Jan  1 00:00:00 1970\n\n"},
                      {"Fr", "om MAILER-DAEMON  Thu Jan  1 00:00:00 1970\n\n"},
                      {"x\n\nFrom a@b  Thu Jan  1 00:00:00 1970", "\n\n"},
                      {"x\nFrom a@", "\n\n"},
                      {"x\n\nFrom a@\n", "\n"},
                      {"x\n\nA: b\n", "\n"},
                      {"x\r\n\r\n", "\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.before);
    const FolderSite site;
    site.write("box", row.before);
    const auto stored = append(site, "box");
    REQUIRE(stored);
    CHECK(site.read("box") == row.before + row.between + kStored);
    CHECK(stored->octets == kStored.size());
    CHECK(stored->name == "box");
    CHECK(stored->notes.empty());
  }
}

TEST_CASE("modes of a new mbox, and the bit for arrived mail") {
  struct Row {
    mode_t umask, created, existing;
  };
  const Row rows[] = {{077, 0600, 0600}, {022, 0645, 0601}, {007, 0660, 0600}, {0, 0667, 0601}};  // PROCMAIL.md 16.3
  for (const auto& row : rows) {
    CAPTURE(row.umask);
    const FolderSite site;
    site.write("old", "");
    REQUIRE(chmod(site.path("old").c_str(), 0600) == 0);
    const mode_t before = umask(row.umask ^ 0777);
    const auto one = append_to_mbox(site.place(row.umask), "new", {.content = kMail});
    const auto two = append_to_mbox(site.place(row.umask), "old", {.content = kMail});
    umask(before);
    REQUIRE((one && two));
    CHECK((site.about("new").st_mode & 07777) == row.created);
    CHECK((site.about("old").st_mode & 07777) == row.existing);
  }
}

TEST_CASE("readers see new mail at once") {
  const FolderSite site;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(append(site, "box"));
    CHECK(site.about("box").st_atim.tv_sec < site.about("box").st_mtim.tv_sec);
    CHECK(site.about("box").st_mtim.tv_sec >= time(nullptr) - 5);
  }
}

TEST_CASE("links are followed, and a dangling one makes its file") {
  const FolderSite site;
  REQUIRE(symlink("real", site.path("box").c_str()) == 0);
  REQUIRE(append(site, "box"));
  REQUIRE(append(site, "box"));
  CHECK(site.read("real") == kStored + kStored);
  CHECK((site.about("real").st_mode & 07777) == 0600);
  CHECK(S_ISLNK(site.about("box").st_mode));
}

TEST_CASE("names that cannot be appended to") {
  const FolderSite site;
  site.write("file", "");
  REQUIRE(symlink("loop", site.path("loop").c_str()) == 0);
  CHECK(append(site, "no/such/box").error().code == ENOENT);
  CHECK(append(site, "file/box").error().code == ENOTDIR);
  CHECK(append(site, "loop").error().code == ELOOP);
  CHECK(append(site, ".").error().code == EISDIR);
  CHECK(site.names() == std::vector<std::string>{"file", "loop"});
}

TEST_CASE("a full disk leaves what was there") {
  const FolderSite site;
  site.write("box", "From x\n\nold\n");
  const int code = wait_for_child(start_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &small);
    const std::string body(5000, 'x');
    for (const bool ignore : {false, true}) {
      const auto stored = append(site, "box", {.content = {kMail.header, body, false}, .ignore_errors = ignore});
      if (stored.has_value() != ignore) return 1;
      if (!stored && stored.error().code != EFBIG) return 2;
      if (!ignore && site.read("box") != "From x\n\nold\n") return 3;
    }
    return site.about("box").st_size == 1000 ? 0 : 4;  // flag i: nothing is undone
  }));
  CHECK(code == 0);
  REQUIRE(append(site, "box"));
  CHECK(site.read("box").ends_with("x\n\n" + kStored));
}

TEST_CASE("devices and FIFOs") {
  const FolderSite site;
  CHECK(append(site, "/dev/full").error().code == ENOSPC);
  CHECK(append(site, "/dev/full", {.ignore_errors = true}));
  CHECK(append(site, "/dev/zero"));
  REQUIRE(mkfifo(site.path("fifo").c_str(), 0600) == 0);
  LockPolicy hasty;
  hasty.kernel_wait = 1s;
  CHECK(append(site, "fifo", {.locks = hasty}).error().is_busy());
  std::string got;
  std::thread reader([&] { got = site.read("fifo"); });
  const auto stored = append(site, "fifo");
  reader.join();
  CHECK(stored);
  CHECK(got == kStored);
}

TEST_CASE("the dotlock is held during an append where it is asked for") {
  const FolderSite site;
  LockPolicy locks;
  locks.dotlock = true;
  REQUIRE(append(site, "box", {.locks = locks}));
  site.write("box.lock", "0");  // another program's
  int asked = 0;
  locks.interrupted = [&] { return ++asked > 2; };
  CHECK(append(site, "box", {.locks = locks}).error().is_busy());
  locks.extension = ".mine";
  const auto stored = append(site, "box", {.locks = locks});
  REQUIRE(stored);
  CHECK(site.names() == std::vector<std::string>{"box", "box.lock"});
  CHECK(site.read("box") == kStored + kStored);
}

TEST_CASE("a lock file that cannot be made is noted and stops nothing") {
  const FolderSite site;
  REQUIRE(mkdir(site.path("closed").c_str(), 0755) == 0);
  site.write("closed/box", "");
  REQUIRE(chmod(site.path("closed/box").c_str(), 0666) == 0);
  REQUIRE(chmod(site.path("closed").c_str(), 0555) == 0);
  const int code = run_unprivileged(site, [&] {
    LockPolicy locks;
    locks.dotlock = true;
    const auto stored = append(site, "closed/box", {.locks = locks});
    if (!stored) return 1;
    return stored->notes == std::vector<std::string>{"Lock failure on \"closed/box.lock\""} ? 0 : 2;
  });
  CHECK(code == 0);
  CHECK(site.read("closed/box") == kStored);
}

TEST_CASE("an append waits for another program's kernel lock, then follows the name") {
  const FolderSite site;
  site.write("box", "");
  auto other = open_at(site.directory(), "box", O_RDWR);
  auto lock = KernelLock::try_take(other->get());
  REQUIRE(lock);
  LockPolicy hasty;
  hasty.kernel_wait = 1s;
  CHECK(append(site, "box", {.locks = hasty}).error().is_busy());
  std::thread replacing([&] {
    std::this_thread::sleep_for(50ms);
    site.write("fresh", "");
    rename(site.path("fresh").c_str(), site.path("box").c_str());
    lock->release();
  });
  const auto stored = append(site, "box");
  replacing.join();
  CHECK(stored);
  CHECK(site.read("box") == kStored);
}

TEST_CASE("many appenders at once, each message whole and once") {
  const FolderSite site;
  constexpr int kWriters = 6, kMessages = 25;
  std::vector<pid_t> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.push_back(start_child([&] {
      for (int i = 0; i < kMessages; ++i) {
        const auto body = std::to_string(writer) + "/" + std::to_string(i) + std::string(3000, 'x') + "\n";
        LockPolicy locks;
        locks.dotlock = writer % 2 == 0;  // with and without
        if (!append(site, "box", {.content = {kMail.header, body, false}, .locks = locks})) return 1;
      }
      return 0;
    }));
  }
  for (const auto writer : writers) CHECK(wait_for_child(writer) == 0);
  const auto text = site.read("box");
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int i = 0; i < kMessages; ++i) {
      const auto whole = std::string(kMail.header) + std::to_string(writer) + "/" + std::to_string(i) +
                         std::string(3000, 'x') + "\n\n";
      const auto at = text.find(whole);
      CHECK(at != std::string::npos);
      CHECK(text.find(whole, at + 1) == std::string::npos);
    }
  }
  CHECK(site.names() == std::vector<std::string>{"box"});
}

TEST_CASE("killed anywhere, an append leaves what the next one mends") {
  const FolderSite site;
  std::mt19937 random(7);
  std::vector<std::string> acknowledged;
  int killed = 0;
  std::chrono::microseconds whole{};  // how long it takes when nobody kills it: the first round, which is let through
  for (int round = 0; round < 150; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const auto start = std::chrono::steady_clock::now();
    const auto body = "<" + std::to_string(round) + ">" + std::string(40'000, 'x') + "\nend\n";
    const auto child = start_child([&] {
      LockPolicy locks;
      locks.dotlock = true;
      const auto stored = append(site, "box", {.content = {kMail.header, body, false}, .locks = locks});
      if (stored && write(ends[1], "+", 1) == 1) pause();
      return 1;
    });
    close(ends[1]);
    char mark = 0;
    if (round == 0) {
      REQUIRE(read(ends[0], &mark, 1) == 1);
      acknowledged.push_back(body);
      whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    } else {
      std::this_thread::sleep_for(whole * static_cast<int>(random() % 120) / 100);
    }
    kill(child, SIGKILL);
    killed += wait_for_child(child) == 128 + SIGKILL ? 1 : 0;
    if (round > 0 && read(ends[0], &mark, 1) == 1) acknowledged.push_back(body);
    close(ends[0]);
  }
  CHECK(killed == 150);
  LockPolicy locks;
  locks.dotlock = true;
  REQUIRE(append(site, "box", {.locks = locks}));
  const auto text = site.read("box");
  for (const auto& body : acknowledged) {  // each at a line's start behind an empty line, its own From_ line before it
    CAPTURE(body.substr(0, 8));
    const auto at = text.find(std::string(kMail.header) + body + "\n");
    REQUIRE(at != std::string::npos);
    CHECK((at == 0 || text.substr(at - 2, 2) == "\n\n"));
  }
  CHECK(text.ends_with("\n\n" + kStored));
}

TEST_CASE("a removal that was cut off is finished before the append") {
  const std::string first(3'000'000, 'a'), gone = std::string(50'000, 'b') + "\n\n", last(500'000, 'c');
  const auto before = first + gone + last + "\n\n";
  const auto after = first + last + "\n\n";
  std::mt19937 random(11);
  int finished = 0;
  std::chrono::microseconds whole{};  // how long it takes when nobody kills it: the first round, which is let through
  for (int round = 0; round < 30; ++round) {
    const FolderSite site;
    REQUIRE(mkdir(site.path("state").c_str(), 0700) == 0);
    site.write("box", before);
    const auto start = std::chrono::steady_clock::now();
    const auto child = start_child([&] {
      auto box = open_at(site.directory(), "box", O_RDWR);
      const Move move{{{0, first.size()}, {first.size() + gone.size(), before.size()}}, before.size(), ""};
      return cut_out(box->get(), site.path("state"), move) ? 0 : 1;
    });
    if (round == 0) {
      wait_for_child(child);
      whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
      CHECK(site.read("box") == after);
      continue;
    }
    std::this_thread::sleep_for(whole * static_cast<int>(random() % 150) / 100);
    kill(child, SIGKILL);
    wait_for_child(child);
    REQUIRE(append(site, "box", {.state = site.path("state")}));
    const auto text = site.read("box");
    CHECK((text == before + kStored || text == after + kStored));
    finished += text == after + kStored ? 1 : 0;
  }
  CHECK(finished > 0);
}

TEST_CASE("a torn piece never swallows the next message") {
  const FolderSite site;
  for (std::size_t cut = 0; cut <= kStored.size(); ++cut) {
    CAPTURE(cut);
    site.write("box", kStored + kStored.substr(0, cut));
    REQUIRE(append(site, "box"));
    CHECK(site.read("box").ends_with("\n\n" + kStored));
  }
}

}  // namespace mailbox
