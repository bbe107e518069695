// Removals on real files: children killed at random moments, then whoever comes next; O_APPEND, links, sparse state.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/journal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

using namespace mailbox;

namespace {

struct Temporary {
  std::string path = "/tmp/sluice-journal-XXXXXX";
  std::string state, box;
  Temporary() {
    REQUIRE(mkdtemp(path.data()));
    state = path + "/state";
    box = path + "/box";
    REQUIRE(mkdir(state.c_str(), 0700) == 0);
  }
  ~Temporary() { std::filesystem::remove_all(path); }
};

void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string noise(std::size_t size, std::mt19937& random) {
  std::string bytes(size, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return bytes;
}

struct Opened {
  int fd;
  explicit Opened(const std::string& path, int flags = O_RDWR) : fd(open(path.c_str(), flags | O_CLOEXEC)) {
    REQUIRE(fd >= 0);
  }
  ~Opened() { close(fd); }
};

}  // namespace

TEST_CASE("journal: in place, also through a descriptor that appends") {
  const Temporary folder;
  std::mt19937 random(1);
  const auto before = noise(100000, random);
  for (const int flags : {O_RDWR, O_RDWR | O_APPEND}) {
    write_file(folder.box, before);
    REQUIRE(chmod(folder.box.c_str(), 0640) == 0);
    struct stat old{}, now{};
    REQUIRE(stat(folder.box.c_str(), &old) == 0);
    const Opened box(folder.box, flags);
    REQUIRE(cut_out(box.fd, folder.state, {{{10, 5000}, {5100, 100000}}, 100000, "remember"}));
    CHECK((read_file(folder.box) == before.substr(10, 4990) + before.substr(5100)));
    CHECK((fcntl(box.fd, F_GETFL) & O_APPEND) == (flags & O_APPEND));
    REQUIRE(stat(folder.box.c_str(), &now) == 0);
    CHECK(now.st_ino == old.st_ino);
    CHECK(now.st_mode == old.st_mode);
    const auto last = last_cut_out(folder.state);
    REQUIRE((last && *last));
    CHECK((*last)->note == "remember");
    CHECK(replay(box.fd, folder.state));
    struct stat journal{};
    REQUIRE(stat((folder.state + "/journal").c_str(), &journal) == 0);
    CHECK(journal.st_size == static_cast<off_t>(kReservedJournal));
    CHECK((journal.st_mode & 07777) == 0600);
  }
}

TEST_CASE("journal: none, or no state directory, is nothing to do") {
  const Temporary folder;
  write_file(folder.box, "x");
  const Opened box(folder.box);
  CHECK(replay(box.fd, ""));
  CHECK(replay(box.fd, folder.state));
  CHECK(replay(box.fd, folder.path + "/missing"));
  CHECK(replay(box.fd, folder.path + "/box/file"));
  REQUIRE(reserve_journal(folder.state, 100));
  CHECK(replay(box.fd, folder.state));
  CHECK(!cut_out(box.fd, folder.path + "/missing", {{}, 100, ""}));
  const Opened read_only(folder.box, O_RDONLY);
  CHECK(!cut_out(read_only.fd, folder.state, {{}, 100, ""}));
  CHECK(read_file(folder.box) == "x");
}

TEST_CASE("journal: hostile files are not followed, not applied, and set aside once") {
  const Temporary folder;
  write_file(folder.box, "x");
  const Opened box(folder.box);
  REQUIRE(symlink("/etc/passwd", (folder.state + "/journal").c_str()) == 0);
  CHECK(!replay(box.fd, folder.state));
  REQUIRE(unlink((folder.state + "/journal").c_str()) == 0);
  REQUIRE(mkfifo((folder.state + "/journal").c_str(), 0600) == 0);
  CHECK(!replay(box.fd, folder.state));
  REQUIRE(unlink((folder.state + "/journal").c_str()) == 0);
  write_file(folder.state + "/journal", std::string(20000, 'j'));
  const auto refused = replay(box.fd, folder.state);
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::Temporary);
  CHECK(refused.error().text.find("set aside") != std::string::npos);
  CHECK(std::filesystem::exists(folder.state + "/journal.unfit"));
  CHECK(replay(box.fd, folder.state));
  CHECK(read_file(folder.box) == "x");
}

TEST_CASE("journal: killed at any moment, the next one finishes it") {
  const Temporary folder;
  std::mt19937 random(2);
  const auto before = noise(3 << 20, random);
  const Move move{{{0, 1000}, {1100, 1 << 20}, {(1 << 20) + 50, 3 << 20}}, 3 << 20, ""};
  std::string expected;
  for (const auto& piece : move.kept) expected += before.substr(piece.begin, piece.end - piece.begin);
  for (int round = 0; round < 60; ++round) {
    write_file(folder.box, before);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const int fd = open(folder.box.c_str(), O_RDWR);
      _exit(cut_out(fd, folder.state, move) ? 0 : 1);
    }
    usleep(static_cast<useconds_t>(random() % 12000));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    const std::string mail = round % 2 ? noise(5000, random) : "";
    std::ofstream(folder.box, std::ios::binary | std::ios::app) << mail;
    const Opened box(folder.box, O_RDWR | O_APPEND);
    const auto done = replay(box.fd, folder.state);
    CAPTURE(round, done ? "" : done.error().text);
    REQUIRE(done);
    const auto now = read_file(folder.box);
    const bool is_after = now == expected + mail;
    if (!is_after) REQUIRE((now == before + mail));
    if (WIFEXITED(status)) CHECK((WEXITSTATUS(status) == 0 && is_after));
  }
}
