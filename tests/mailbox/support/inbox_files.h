// A folder with an inbox and a state directory, for tests of maildrops; removed when it goes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "mailbox/maildrop.h"

namespace inbox_files {

struct Inbox {
  std::string path = "/tmp/sluice-inbox-XXXXXX";
  std::string state, box;
  Inbox() {
    REQUIRE(mkdtemp(path.data()));
    state = path + "/state";
    box = path + "/box";
    REQUIRE(mkdir(state.c_str(), 0700) == 0);
  }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() { std::filesystem::remove_all(path); }

  mailbox::Maildrop::Options options() const {
    return {.inbox = box, .state = state, .peer = "192.0.2.7", .wait = std::chrono::milliseconds(0)};
  }
};

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline void append_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
}

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline mailbox::Maildrop open_drop(const Inbox& inbox) {
  auto drop = mailbox::Maildrop::open(inbox.options());
  CAPTURE(drop ? "" : drop.error().text);
  REQUIRE(drop);
  return std::move(*drop);
}

inline std::string fetch(const mailbox::Maildrop& drop, std::size_t index) {
  std::string text;
  const auto done = drop.fetch(index, [&](std::string_view piece) {
    text += piece;
    return true;
  });
  CAPTURE(done ? "" : done.error().text);
  REQUIRE(done);
  CHECK(text.size() == drop.entries()[index].octets);
  return text;
}

inline std::vector<std::string> ids(const mailbox::Maildrop& drop) {
  std::vector<std::string> all;
  for (const auto& entry : drop.entries()) all.push_back(entry.uidl);
  return all;
}

// A message as it stands in an mbox, separator included.
inline std::string stored(const std::string& name) {
  return "From a@b  Thu Jan  1 00:00:00 1970\nSubject: " + name + "\n\nThis is " + name + ".\n\n";
}

inline std::string sent(const std::string& name) { return "Subject: " + name + "\r\n\r\nThis is " + name + ".\r\n"; }

}  // namespace inbox_files
