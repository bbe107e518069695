// From_ lines: how they are written, and which lines count as one.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/from_line.h"

#include <catch2/catch.hpp>

namespace mailbox {

TEST_CASE("writing a From_ line") {
  std::tm moment{};
  moment.tm_year = 126, moment.tm_mon = 10, moment.tm_mday = 3, moment.tm_wday = 2;
  moment.tm_hour = 4, moment.tm_min = 5, moment.tm_sec = 6;
  CHECK(from_line("a@b", moment) == "From a@b  Tue Nov  3 04:05:06 2026\n");
  CHECK(from_line("", moment) == "From MAILER-DAEMON  Tue Nov  3 04:05:06 2026\n");
  CHECK(from_line("a\nFrom b", moment) == "From a?From b  Tue Nov  3 04:05:06 2026\n");
  CHECK(is_from_line(from_line("a b", moment)));
}

TEST_CASE("lines that begin a message") {
  const char* const lines[] = {
      "From a@b  Thu Jan  1 00:00:00 1970\n",
      "From a@b Thu Jan  1 00:00:00 1970",
      "From a Thu Jan 1 00:00 1970\n",
      "From a Thu Jan 1 0:00:60 1970\n",
      "From a Thu Jan 31 23:59:59 GMT 2026\n",
      "From a Thu Jan 31 23:59:59 MET DST 2026\n",
      "From a Thu Jan 31 23:59:59 +0100 2026\n",
      "From a Thu Jan 31 23:59:59 2026 +0100\n",
      "From a Thu Jan  1 00:00:00 1970 remote from host\n",
      "From \"a b\"@c Thu Jan  1 00:00:00 1970\n",
      "From a\tThu Jan  1 00:00:00 1970\r\n",
      "From a@b Thu, 1 Jan 1970 00:00:00 +0000\n",
      "From Mon Thu Jan  1 00:00:00 1970\n",
  };
  for (const auto* line : lines) {
    CAPTURE(line);
    CHECK(is_from_line(line));
  }
}

TEST_CASE("lines that do not") {
  const char* const lines[] = {
      "",
      "From ",
      "From \n",
      "From a\n",
      "From the beginning of time\n",
      "From here on Thu we go\n",
      "from a@b  Thu Jan  1 00:00:00 1970\n",
      "From: a@b  Thu Jan  1 00:00:00 1970\n",
      ">From a@b  Thu Jan  1 00:00:00 1970\n",
      " From a@b  Thu Jan  1 00:00:00 1970\n",
      "From a@b  Thx Jan  1 00:00:00 1970\n",
      "From a@b  Thu Jax  1 00:00:00 1970\n",
      "From a@b  Thu Jan  0 00:00:00 1970\n",
      "From a@b  Thu Jan 32 00:00:00 1970\n",
      "From a@b  Thu Jan  1 24:00:00 1970\n",
      "From a@b  Thu Jan  1 00:60:00 1970\n",
      "From a@b  Thu Jan  1 00:00:61 1970\n",
      "From a@b  Thu Jan  1 00:0 1970\n",
      "From a@b  Thu Jan  1 00:00:00:00 1970\n",
      "From a@b  Thu Jan  1 00:00:00\n",
      "From a@b  Thu Jan  1 00:00:00 19\n",
      "From a@b  Thu Jan  1 00:00:00 wintertime 1970\n",
      "From a@b  Thu Jan  1 00:00:00 1899\n",
      "From Thu Jan  1 00:00:00 1970\n",
  };
  for (const auto* line : lines) {
    CAPTURE(line);
    CHECK_FALSE(is_from_line(line));
  }
}

TEST_CASE("the sender of a From_ line") {
  CHECK(from_line_sender("From a@b  Thu Jan  1 00:00:00 1970\n") == "a@b");
  CHECK(from_line_sender("From \"a b\"@c Thu Jan  1 00:00:00 1970\n") == "\"a b\"@c");
  CHECK(from_line_sender("From a@b yesterday\n") == "a@b");
  CHECK(from_line_sender("From ") == "");
  CHECK(from_line_sender("Subject: x\n") == "");
}

}  // namespace mailbox
