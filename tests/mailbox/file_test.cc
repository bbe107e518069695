// Files: whole writes, bounded reads, exact modes, links that are not followed.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/file.h"

#include <thread>

#include "tests/mailbox/support/folder_site.h"

namespace mailbox {

TEST_CASE("all pieces are written, however many") {
  const FolderSite site;
  for (const std::size_t count : {0u, 1u, 255u, 256u, 257u, 1000u}) {
    CAPTURE(count);
    std::string expected;
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < count; ++i)
      pieces.push_back(i % 3 == 0 ? "" : std::to_string(i)), expected += pieces[i];
    const std::vector<std::string_view> views(pieces.begin(), pieces.end());
    auto file = open_at(site.directory(), "f", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(file);
    REQUIRE(write_all(file->get(), views));
    CHECK(site.read("f") == expected);
  }
}

TEST_CASE("a slow reader gets everything, a stuck one ends the wait") {
  int ends[2];
  REQUIRE(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
  UniqueFd reader(ends[0]), writer(ends[1]);
  const std::string much(200'000, 'x');
  const std::string_view pieces[] = {much, "end"};
  std::size_t got = 0;
  std::thread reading([&] {
    std::string buffer(4096, ' ');
    while (got < much.size() + 3) {
      const ssize_t n = read(reader.get(), buffer.data(), buffer.size());
      if (n > 0) got += static_cast<std::size_t>(n);
    }
  });
  CHECK(write_all(writer.get(), pieces));
  reading.join();
  const auto stuck = write_all(writer.get(), pieces, std::chrono::milliseconds(20));
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().code == ETIMEDOUT);
}

TEST_CASE("a full device is an error with its code") {
  auto full = open_at(AT_FDCWD, "/dev/full", O_WRONLY);
  REQUIRE(full);
  const auto done = write_all(full->get(), "x");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ENOSPC);
  CHECK(sync_file(full->get()));
}

TEST_CASE("reading stops at the limit") {
  const FolderSite site;
  for (const std::size_t size : {0u, 9u, 10u, 11u, 200'000u}) {
    CAPTURE(size);
    site.write("f", std::string(size, 'x'));
    const auto text = read_file(site.directory(), "f", 10);
    CHECK(text.has_value() == (size <= 10));
    if (text)
      CHECK(text->size() == size);
    else
      CHECK(text.error().code == EFBIG);
    CHECK(read_file(site.directory(), "f", 1'000'000)->size() == size);
  }
  CHECK(read_file(site.directory(), "none", 10).error().is_not_found());
}

TEST_CASE("modes do not depend on the process's umask") {
  const FolderSite site;
  const mode_t before = umask(0777);
  auto file = create_at(site.directory(), "f", 0645);
  auto folder = make_directory(site.directory(), "d", 0711);
  umask(before);
  REQUIRE(file);
  REQUIRE(folder);
  CHECK((site.about("f").st_mode & 07777) == 0645);
  CHECK((site.about("d").st_mode & 07777) == 0711);
  CHECK(create_at(site.directory(), "f", 0600).error().code == EEXIST);
  CHECK(make_directory(site.directory(), "d", 0700));
  CHECK((site.about("d").st_mode & 07777) == 0711);
  CHECK_FALSE(make_directory(site.directory(), "f", 0700));
}

TEST_CASE("files in places where others can write") {
  const FolderSite site;
  CHECK(open_private(site.directory(), "new", O_RDWR, true));
  CHECK((site.about("new").st_mode & 07777) == 0600);
  CHECK(open_private(site.directory(), "new", O_RDWR, true));
  CHECK(open_private(site.directory(), "none", O_RDWR).error().is_not_found());
  REQUIRE(symlink("new", site.path("link").c_str()) == 0);
  REQUIRE(symlink("absent", site.path("dangling").c_str()) == 0);
  REQUIRE(mkfifo(site.path("fifo").c_str(), 0600) == 0);
  site.write("one", "");
  REQUIRE(link(site.path("one").c_str(), site.path("two").c_str()) == 0);
  for (const char* name : {"link", "dangling", "fifo", "one", "."}) {
    CAPTURE(name);
    CHECK_FALSE(open_private(site.directory(), name, O_RDWR, true));
  }
  CHECK_FALSE(site.exists("absent"));
}

TEST_CASE("absolute paths") {
  const FolderSite site;
  const auto root = std::filesystem::canonical(site.path()).string();
  site.write("f", "");
  REQUIRE(symlink("f", site.path("link").c_str()) == 0);
  CHECK(absolute_path(site.directory(), "f") == root + "/f");
  CHECK(absolute_path(site.directory(), "link") == root + "/f");
  CHECK(absolute_path(site.directory(), "new") == root + "/new");
  CHECK(absolute_path(site.directory(), "./../" + root.substr(root.rfind('/') + 1) + "/new/") == root + "/new");
  CHECK(absolute_path(site.directory(), site.path("f")) == root + "/f");
  CHECK(absolute_path(site.directory(), "no/such").empty());
  CHECK(absolute_path(AT_FDCWD, "/") == "/");
  CHECK(absolute_path(AT_FDCWD, "/no-such") == "/no-such");
}

TEST_CASE("a staged file is seen only when it is linked") {
  const FolderSite site;
  {
    auto staged = StagedFile::make(site.directory(), 0640);
    REQUIRE(staged);
    REQUIRE(write_all(staged->fd(), "text"));
    site.write("taken", "");
    CHECK_FALSE(staged->link_as("taken"));
    CHECK(errno == EEXIST);
    CHECK(site.names().size() <= 2);
    CHECK(staged->link_as("a"));
    CHECK(staged->link_as("b"));
  }
  {
    auto lost = StagedFile::make(site.directory(), 0640);
  }
  CHECK(site.names() == std::vector<std::string>{"a", "b", "taken"});
  CHECK(site.read("b") == "text");
  CHECK((site.about("a").st_mode & 07777) == 0640);
}

}  // namespace mailbox
