// Status lines: codes, cleaning, and the longest.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/reply.h"

#include <catch2/catch.hpp>

using namespace pop3d;

TEST_CASE("status lines") {
  CHECK(ok("2 messages") == "+OK 2 messages\r\n");
  CHECK(ok("") == "+OK \r\n");
  CHECK(err("no") == "-ERR no\r\n");
  CHECK(err(Code::Auth, "no") == "-ERR [AUTH] no\r\n");
  CHECK(err(Code::InUse, "no") == "-ERR [IN-USE] no\r\n");
  CHECK(err(Code::SysTemp, "no") == "-ERR [SYS/TEMP] no\r\n");
  CHECK(err(Code::SysPerm, "no") == "-ERR [SYS/PERM] no\r\n");
}

TEST_CASE("text cannot leave its line") {
  CHECK(err(std::string_view("a\r\nb\0c\td\x7f\xc3\xa4", 11)) == "-ERR a??b?c?d???\r\n");
}

TEST_CASE("a status line has its longest length") {
  for (const std::size_t length :
       {kLongestStatusLine - 7, kLongestStatusLine - 6, kLongestStatusLine - 5, std::size_t{100000}}) {
    const auto line = ok(std::string(length, 'x'));
    CHECK(line.size() == std::min(length + 6, kLongestStatusLine));
    CHECK(line.ends_with("x\r\n"));
  }
}
