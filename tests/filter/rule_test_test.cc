// `sluice test`: what a test file may say, what happens, and what is told of a difference.
// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "filter/tools/rule_test.h"
#include "filter/tools/rule_test_file.h"
#include "filter/tools/test_command.h"
#include "support/scratch.h"
#include "support/tool_run.h"

namespace filter::tools {
namespace {

const std::string kMail = "From: anna@example.org\nSubject: offer\n\nbody\n";

// The lines that happened, each ended by an LF.
std::string got(const std::string& rules, const std::string& expect, const std::string& mail = kMail) {
  const Scratch scratch;
  scratch.write("rc", rules);
  scratch.write("more.rc", ":0\n* ^Subject: more\nmore/\n");
  scratch.write("t.expect", expect);
  scratch.write("t.eml", mail);
  const auto result = run_rule_test(scratch / "t.expect");
  if (!result) return result.error().text;
  std::string lines;
  for (const std::string& line : result->got) lines += line + "\n";
  CHECK(result->passed == (result->got == result->expected));
  return lines;
}

TEST_CASE("rule test: what happens is told in the words of the file") {
  struct Row {
    std::string rules;
    std::string expect;
    std::string got;
  };
  const Row rows[] = {
      {"", "", "mbox /var/mail/user\n"},
      {"DEFAULT=in/\n", "", "maildir in\n"},
      {"", "set DEFAULT=$x'y\n", "mbox $x'y\n"},
      {"", "set LOGNAME=bert\n", "mbox /var/mail/bert\n"},
      {":0:\n* ^Subject: offer\nbox\n", "mbox box\n", "mbox box\n"},
      {"MAILDIR=$HOME/Mail\n:0\n$MAILDIR/a/\n", "maildir a/\n", "maildir a/\n"},
      {"MAILDIR=$HOME/Mail\n:0\n$MAILDIR/a/\n", "maildir /home/user/Mail/a\n", "maildir /home/user/Mail/a\n"},
      {":0\nmh/.\n", "mbox mh\n", "mh mh\n"},
      {":0\ndd\n", "directory dd\n", "directory dd\n"},
      {":0\na/ b\n", "", "maildir a\ndirectory b\n"},
      {":0\n/dev/null\n", "discard\n", "discard\n"},
      {":0 c\na/\n:0\n! a@b c@d\n", "", "maildir a\nforward a@b c@d\n"},
      {":0\n! a@b  c@d\n", "forward a@b   c@d\n", "forward a@b c@d\n"},
      {":0\n| cat >\"x\"\n", "", "pipe \"cat >\\\"x\\\"\"\n"},
      {":0 w\n| x\n", "exec \"x\" exit 1\n", "mbox /var/mail/user\n"},
      {":0\n|\n", "", "pipe \"|\"\n"},
      {":0\n* ? test -f y\na/\n", "exec \"test *\" exit 0\n", "maildir a\n"},
      {":0\n* ? test -f y\na/\n", "", "mbox /var/mail/user\n"},
      {"A=`x`\n:0\n$A/\n", "exec \"x\" exit 0 output \"out\\n\"\n", "maildir out\n"},
      {":0 fw\n| x\n:0\n* ^New: 1\na/\n", "exec \"x\" exit 0 output \"New: 1\\n\\nb\\n\"\nheader \"New:\"\n",
       "header \"New: 1\"\nmaildir a\n"},
      {":0\na/\n", "maildir a\nheader \"subject:  offer\"\n", "maildir a\nheader \"subject:  offer\"\n"},
      {":0\na/\n", "maildir a\nheader \"Subject: x\"\n", "maildir a\nheader \"Subject: offer\"\n"},
      {"EXITCODE=77\n", "", "mbox /var/mail/user\nexit 77\n"},
      {"EXITCODE=77\n", "exit 0\n", "mbox /var/mail/user\nexit 77\n"},
      {"EXITCODE=77\n", "mbox /var/mail/user\nexit 77\n", "mbox /var/mail/user\nexit 77\n"},
      {":0\n$1/\n", "arg lists\n", "maildir lists\n"},
      {"", "rules more.rc\n", "mbox /var/mail/user\n"},
      {"INCLUDERC=$HOME/.procmail/more.rc\n:0\nmine/\n", "", "maildir mine\n"},
      {"INCLUDERC=more.rc\nINCLUDERC=none.rc\n:0\nmine/\n", "set X=1\n# comment\n\n", "maildir mine\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rules, row.expect);
    CHECK(got(row.rules, row.expect) == row.got);
  }
  CHECK(got("INCLUDERC=$HOME/more.rc\n", "", "Subject: more\n\n") == "maildir more\n");
}

TEST_CASE("rule test: lines that say nothing are refused, with what they must look like") {
  struct Row {
    const char* line;
    const char* wanted;
  };
  const Row rows[] = {{"mbx a", "rules, set, arg"},
                      {"mbox", "mbox PATH"},
                      {"exit x", "exit N"},
                      {"pipe cat", "pipe \"COMMAND\""},
                      {"header \"x\"", "header \"Name: value\""},
                      {"exec \"x\" exit", "exec \"COMMAND\""},
                      {"exec x exit 0", "exec \"COMMAND\""},
                      {"exec \"x\" exit 0 output", "exec \"COMMAND\""},
                      {"set X", "set VAR=value"},
                      {"set 1=x", "set VAR=value"},
                      {"forward", "forward ADDR..."},
                      {"rules", "rules RC"},
                      {"pipe \"x", "pipe \"COMMAND\""}};
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const auto read = read_rule_test("t", std::string("\n") + row.line + "\n");
    REQUIRE(!read);
    CHECK(read.error().text.starts_with("t:2: "));
    CHECK(read.error().text.find(row.wanted) != std::string::npos);
  }
}

TEST_CASE("rule test: the difference") {
  CHECK(difference({"a", "b", "c"}, {"a", "x", "c"}) == "    a\n  - b\n  + x\n    c\n");
  CHECK(difference({}, {"a"}) == "  + a\n");
  CHECK(difference({"a"}, {}) == "  - a\n");
  CHECK(difference({"a", "b"}, {"b", "a"}) == "  - a\n    b\n  + a\n");
}

TEST_CASE("rule test: the command") {
  const Scratch scratch;
  scratch.write("rc", ":0\n* ^Subject: offer\njunk/\n");
  scratch.write("good.eml", kMail);
  scratch.write("good.expect", "maildir junk\n");
  scratch.write("bad.eml", "Subject: x\n\n");
  scratch.write("bad.expect", "# kept\nset X=1\nmaildir junk\nexit 0\n");
  const ToolRun run(scratch);
  CHECK(run(test_command, {scratch / "good.expect"}).out == "1 passed, 0 failed\n");
  const auto failing = run(test_command, {scratch.path()});
  CHECK(failing.exit_code == 1);
  CHECK(failing.out == "FAIL  " + scratch / "bad.expect" +
                           "  (- expected, + got)\n  - maildir junk\n  + mbox /var/mail/user\n    exit 0\n  because:\n"
                           "    rc:2  no  * ^Subject: offer  (no match in the header)\n1 passed, 1 failed\n");
  const auto json = run(test_command, {"--format=json", scratch / "bad.expect"});
  CHECK(json.exit_code == 1);
  CHECK(
      json.out.find(
          "\"passed\":false,\"expected\":[\"maildir junk\",\"exit 0\"],\"got\":[\"mbox /var/mail/user\",\"exit 0\"]") !=
      std::string::npos);
  CHECK(json.out.ends_with("\"passed\":0,\"failed\":1}\n"));

  scratch.write("new.eml", kMail);
  CHECK(run(test_command, {scratch.path()}).out.find("new.expect is missing") != std::string::npos);
  CHECK(run(test_command, {"--update", scratch.path()}).exit_code == 0);
  CHECK(scratch.read("bad.expect") == "# kept\nset X=1\nmbox /var/mail/user\nexit 0\n");
  CHECK(scratch.read("new.expect") == "maildir junk\n");
  CHECK(scratch.read("good.expect") == "maildir junk\n");
  CHECK(run(test_command, {scratch.path()}).out == "3 passed, 0 failed\n");

  scratch.write("sick.eml", kMail);
  scratch.write("sick.expect", "mbx x\n");
  const auto sick = run(test_command, {scratch.path()});
  CHECK(sick.exit_code == 2);
  CHECK(sick.errors.find("sick.expect:1:") != std::string::npos);
  CHECK(sick.out == "3 passed, 0 failed\n");
  scratch.write("lone.expect", "");
  struct Row {
    std::vector<std::string> words;
    std::string errors;
  };
  const Row rows[] = {{{}, "which tests?"},
                      {{scratch / "rc"}, "neither a directory nor"},
                      {{scratch / "lone.expect"}, "lone.eml"},
                      {{"--what"}, "unknown option"},
                      {{"--format", "xml", "x"}, "unknown format"}};
  for (const Row& row : rows) {
    const auto done = run(test_command, row.words);
    CAPTURE(row.words);
    CHECK(done.exit_code == 2);
    CHECK(done.errors.find(row.errors) != std::string::npos);
  }
}

}  // namespace
}  // namespace filter::tools
