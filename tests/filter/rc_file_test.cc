// Which rule files are read, and which are nobody's business to trust (PROCMAIL.md 21.1).
// SPDX-License-Identifier: Apache-2.0
#include "filter/rc_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "support/scratch.h"

using filter::RcTrust;
using filter::read_rc_file;

namespace {

constexpr char kRules[] = ":0\nbox\n";

}  // namespace

TEST_CASE("rule files that others could have written are left alone") {
  const struct {
    mode_t file, folder;
    bool is_default, own_group, checked, taken;
  } rows[] = {
      {0600, 0700, true, true, true, true},    {0644, 0755, true, true, true, true},
      {0646, 0755, true, true, true, false},   {0646, 0755, false, true, true, false},
      {0644, 0757, true, true, true, false},   {0644, 01777, true, true, true, true},
      {0664, 0755, true, true, true, true},    {0664, 0755, true, false, true, false},
      {0664, 0755, false, false, true, true},  {0644, 0775, true, false, true, false},
      {0644, 0775, true, true, true, true},    {0666, 0777, false, true, false, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.file, row.folder, row.is_default, row.own_group, row.checked);
    const Scratch folder;
    folder.write("rc", kRules, row.file);
    const std::string path = folder / "rc";
    REQUIRE(chmod(folder.path().c_str(), row.folder) == 0);
    const RcTrust trust{getuid(), row.own_group ? getegid() : getegid() + 1, row.is_default, row.checked};
    const auto reading = read_rc_file(path, trust);
    CHECK((reading.file.program != nullptr) == row.taken);
    CHECK_FALSE(reading.failure);
    if (!row.taken) {
      CHECK(reading.file.notes ==
            std::vector<std::string>{"Suspicious rcfile \"" + path + "\"", "Couldn't read \"" + path + "\""});
    }
  }
}

TEST_CASE("what is no rule file is no rules, or a failure, but never both") {
  const Scratch folder;
  const RcTrust trust{getuid(), getegid(), false, true};
  const auto missing = read_rc_file(folder / "none", trust);
  CHECK_FALSE(missing.file.program);
  CHECK_FALSE(missing.failure);
  CHECK(missing.file.notes.size() == 1);

  RcTrust by_default = trust;
  by_default.is_default = true;
  CHECK(read_rc_file(folder / "none", by_default).file.notes.empty());

  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK_FALSE(read_rc_file(folder / "fifo", trust).file.program);
  CHECK_FALSE(read_rc_file(folder.path(), trust).file.program);
  CHECK(read_rc_file("/dev/null", trust).file.program);

  if (getuid() != 0) {
    folder.write("secret", kRules, 0000);
    const auto unreadable = read_rc_file(folder / "secret", trust);
    CHECK_FALSE(unreadable.file.program);
    REQUIRE(unreadable.failure);
    CHECK(unreadable.failure->code == EACCES);
  }
}
