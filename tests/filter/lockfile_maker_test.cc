// Lock files that stay: what they are, when they are forced, and what ends the wait for one.
// SPDX-License-Identifier: Apache-2.0
#include "filter/compat/lockfile_maker.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

using filter::compat::LockMaker;
using Outcome = LockMaker::Outcome;

namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/sluice-lockfile-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::string path_;
};

struct Fixture {
  Folder folder;
  std::vector<std::string> said;
  bool interrupted = false;
  LockMaker maker{[this](const std::string& line) { said.push_back(line); }, [this] { return interrupted; }};

  Outcome make(const std::string& name) {
    std::string path = folder.file(name);
    return maker.make(path);
  }
  void put(const std::string& name, long seconds_old = 0) const {
    std::ofstream(folder.file(name)) << "0";
    const timespec then{time(nullptr) - seconds_old, 0};
    const timespec times[] = {then, then};
    REQUIRE(utimensat(AT_FDCWD, folder.file(name).c_str(), times, 0) == 0);
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a lock file holds 0 and can only be read") {
  REQUIRE(make("a") == Outcome::Made);
  struct stat about{};
  REQUIRE(stat(folder.file("a").c_str(), &about) == 0);
  CHECK((about.st_mode & 07777) == 0444);
  std::ifstream in(folder.file("a"));
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "0");
  CHECK(folder.count() == 1);
  maker.patience.retries = 0;
  CHECK(make("a") == Outcome::Busy);
  CHECK(maker.remove(folder.file("a")));
  CHECK_FALSE(maker.remove(folder.file("a")));
  CHECK(said.empty());
}

TEST_CASE_METHOD(Fixture, "what cannot be locked is told apart from what is locked") {
  maker.patience.retries = 0;
  mkdir(folder.file("d").c_str(), 0700);
  put("f");
  const struct {
    const char* name;
    Outcome outcome;
  } rows[] = {{"f", Outcome::Busy},
              {"d", Outcome::Busy},
              {"d/", Outcome::Busy},
              {"d/.", Outcome::Busy},
              {"none/f", Outcome::Impossible},
              {"f/x", Outcome::Impossible},
              {"d//ok", Outcome::Made}};
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CHECK(make(row.name) == row.outcome);
  }
  std::string empty;
  CHECK(maker.make(empty) == Outcome::Impossible);
}

TEST_CASE_METHOD(Fixture, "only a lock that is older than the timeout is forced") {
  maker.patience = {.sleep_time = 0, .retries = 0, .lock_timeout = 1000, .suspend = 0};
  put("young", 900);
  CHECK(make("young") == Outcome::Busy);
  CHECK(said.empty());
  put("old", 1100);
  CHECK(make("old") == Outcome::Made);
  CHECK(said == std::vector<std::string>{"Forcing lock on \"" + folder.file("old") + "\""});
  maker.patience.lock_timeout = 0;
  put("any", 1000000);
  CHECK(make("any") == Outcome::Busy);
}

TEST_CASE_METHOD(Fixture, "retries are used up by all files together") {
  maker.patience = {.sleep_time = 0, .retries = 2, .lock_timeout = 0, .suspend = 0};
  put("a");
  CHECK(make("a") == Outcome::Busy);
  CHECK(maker.patience.retries == 0);
}

TEST_CASE_METHOD(Fixture, "a lock that is let go is had at once, for one retry") {
  maker.patience = {.sleep_time = 30, .retries = 1, .lock_timeout = 0, .suspend = 0};
  put("a");
  std::thread holder([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    unlink(folder.file("a").c_str());
  });
  const auto start = std::chrono::steady_clock::now();
  CHECK(make("a") == Outcome::Made);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  CHECK(maker.patience.retries == 0);
  holder.join();
}

TEST_CASE_METHOD(Fixture, "a signal ends the wait only where the lock is busy") {
  interrupted = true;
  put("a");
  CHECK(make("a") == Outcome::Interrupted);
  CHECK(make("b") == Outcome::Made);
}

TEST_CASE_METHOD(Fixture, "a name that is too long is cut until it fits") {
  for (const std::size_t length : {254U, 255U, 256U, 257U}) {
    said.clear();
    std::string path = folder.file(std::string(length, 'x'));
    CHECK(maker.make(path) == Outcome::Made);
    CHECK(path == folder.file(std::string(std::min<std::size_t>(length, 255), 'x')));
    CHECK(said.size() == (length > 255 ? length - 255 : 0));
    unlink(path.c_str());
  }
  std::string path = folder.file(std::string(256, 'x') + "/yy");
  said.clear();
  CHECK(maker.make(path) == Outcome::TooLong);
  CHECK(path == folder.file(std::string(256, 'x') + "/y"));
  CHECK(said.size() == 1);
}
