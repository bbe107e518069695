// Runs of rules over one message in a recorded world: which recipe acts, in which order, and how the run ends.
// SPDX-License-Identifier: Apache-2.0
#include "rules/interpreter.h"

#include <catch2/catch.hpp>

#include "rules/limits.h"
#include "tests/rules/support/recording_host.h"

using testing_support::Answer;
using testing_support::RecordingHost;

namespace {

struct Row {
  const char* what;
  std::string rc;
  std::string expected;
};

template <class Prepare>
void check_rows(const std::vector<Row>& rows, Prepare prepare) {
  for (const Row& row : rows) {
    CAPTURE(row.what, row.rc);
    RecordingHost host;
    prepare(host);
    CHECK(host.run(row.rc) == row.expected);
  }
}

void check_rows(const std::vector<Row>& rows) {
  check_rows(rows, [](RecordingHost& host) { host.plan.fall_back = false; });
}

// One recipe of a chain: flags, whether its condition holds, and what it logs.
std::string chain(const std::string& flags, bool holds, const std::string& text) {
  return ":0 " + flags + "\n* " + (holds ? "" : "! ") + "hello\n{ LOG=" + text + " }\n";
}

}  // namespace

TEST_CASE("flags A a E e ask about the recipes before") {
  check_rows({
      {"E alone runs", chain("E", true, "1"), "log 1\nexit 73\n"},
      {"A, a and e alone do not", chain("A", true, "1") + chain("a", true, "2") + chain("e", true, "3"), "exit 73\n"},
      {"T30 the first", chain("", true, "1") + chain("E", false, "2") + chain("E", true, "3"), "log 1\nexit 73\n"},
      {"T30 the third", chain("", false, "1") + chain("E", false, "2") + chain("E", true, "3"), "log 3\nexit 73\n"},
      {"T31", chain("", true, "1") + chain("A", false, "2") + chain("E", true, "3"), "log 1\nlog 3\nexit 73\n"},
      {"T32", chain("", false, "1") + chain("A", true, "2") + chain("E", true, "3"), "log 3\nexit 73\n"},
      {"a after a success", ":0 c\nbox\n" + chain("a", true, "2"), "box box\nlog 2\nexit 73\n"},
      {"a after a failure", ":0 c\nfull\n" + chain("a", true, "2"),
       "fail full\nlog No space left to finish writing \\\"full\\\"\nexit 73\n"},
      {"e, then no second e", ":0 c\nfull\n" + chain("e", true, "2") + chain("e", true, "3"),
       "fail full\nlog No space left to finish writing \\\"full\\\"\nlog 2\nexit 73\n"},
      {"e suppresses E and a", chain("Eea", true, "1"),
       "log Conflicting else-if-flag suppressed\nlog Conflicting also-if-succeeded-flag suppressed\nexit 73\n"},
      {"A inside a block that was entered", ":0\n{\n" + chain("A", true, "1") + "}\n", "log 1\nexit 73\n"},
      {"a block restores the chain", chain("", false, "1") + ":0\n* hello\n{\n" + chain("", false, "2") + "}\n" + chain("E", true, "3"),
       "exit 73\n"},
  }, [](RecordingHost& host) { host.plan.fall_back = false, host.full = {"full"}; });
}

TEST_CASE("T65: a failed copy is a failure for e") {
  RecordingHost host;
  host.plan.fall_back = false;
  host.programs["false"] = {.status = 1};
  CHECK(host.run(":0 wc\n|false\n:0 e\n{ LOG=1 }\n:0 e\n{ LOG=2 }\n") ==
        "pipe false\nlog Program failure (1) of \\\"false\\\"\nlog 1\nexit 73\n");
}

TEST_CASE("blocks and their clones") {
  check_rows({
      {"T33 the parent first, then its clone, each to the end", ":0 c\n{ LOG=c }\nLOG=p\n:0\nbox\n",
       "log p\nbox box\nlog c\nlog p\nbox box\nexit 0\n"},
      {"with w the clone comes first", ":0 wc\n{ LOG=c }\nLOG=p\n:0\nbox\n", "log c\nlog p\nbox box\nlog p\nbox box\nexit 0\n"},
      {"a clone has its own variables", "A=1\n:0 wc\n{ A=2 :0\nbox$A\n}\nLOG=$A\n:0\nbox\n", "box box2\nlog 1\nbox box\nexit 0\n"},
      {"a failing clone fails the recipe", ":0 wc\n{ EXITCODE=3 }\n:0 e\n{ LOG=e }\n",
       "log Program failure (3) of \\\"procmail\\\"\nlog e\nexit 73\n"},
      {"a block that is not entered says what it skips", ":0\n* nope\n{\n:0 ZZ\n* hello\nbox\nfoo-bar\n}\n",
       "log Skipped \\\"ZZ\\\"\nlog Skipped \\\"foo\\\"\nlog Skipped \\\"-bar\\\"\nexit 73\n"},
      {"flags that a block cannot have", ":0 hbfir:x\n{ }\n",
       "log Extraneous filter-flag ignored\nlog Extraneous locallockfile ignored\nlog Extraneous deliver-body flag ignored\n"
       "log Extraneous deliver-head flag ignored\nlog Extraneous ignore-write-error flag ignored\n"
       "log Extraneous raw-mode flag ignored\nlock x\nunlock x\nexit 73\n"},
      {"never closed", ":0\n{ LOG=x}\nLOG=y\n", "log x}\nlog y\nlog Missing closing brace\nexit 73\n"},
  });
}

TEST_CASE("clones of clones are bounded") {
  RecordingHost host;
  host.plan.fall_back = false;
  std::string rc;
  for (int i = 0; i < 12; ++i) rc += ":0 c\n{ }\n";
  rc += "LOG=x\n";
  const std::string said = host.run(rc);
  CHECK(said.ends_with("exit 73\n"));
  CHECK(said.find("log x") != std::string::npos);
}

TEST_CASE("included files") {
  const auto prepare = [](RecordingHost& host) {
    host.plan.fall_back = false;
    host.files = {{"inc", "LOG=inc\n"}, {"open", ":0\n{ LOG=in\n"}, {"close", "}\nLOG=c\n"}, {"stop", "LOG=1 SWITCHRC=/dev/null LOG=2\n"},
                  {"self", "INCLUDERC=self\n"}, {"turn", "SWITCHRC=turn\n"}, {"empty", ""}, {"box", ":0\nbox\n"}};
  };
  check_rows({
      {"T66 at once", "INCLUDERC=inc LOG=x\n", "log inc\nlog x\nexit 73\n"},
      {"missing", "INCLUDERC=no LOG=x\n", "log Couldn't read \\\"no\\\"\nlog x\nexit 73\n"},
      {"nothing", "INCLUDERC=\nLOG=x\n", "log x\nexit 73\n"},
      {"T67 switching to nothing returns", "INCLUDERC=stop\nLOG=x\n", "log 1\nlog x\nexit 73\n"},
      {"switching", "SWITCHRC=inc LOG=x\n", "log inc\nexit 73\n"},
      {"switching to what is missing stays", "SWITCHRC=no LOG=x\n", "log Couldn't read \\\"no\\\"\nlog x\nexit 73\n"},
      {"blocks end with their file", "INCLUDERC=open LOG=x\n", "log in\nlog Missing closing brace\nlog x\nexit 73\n"},
      {"a file closes no foreign block", ":0\n{\nINCLUDERC=close\n}\n", "log Closing brace unexpected\nlog c\nexit 73\n"},
      {"a delivery ends all", "INCLUDERC=box LOG=x\n", "box box\nexit 0\n"},
  }, prepare);
  RecordingHost host;
  prepare(host);
  CHECK(host.run("INCLUDERC=self\nLOG=x\n") ==
        "log Too many included files within each other\nlog Couldn't read \\\"self\\\"\nlog x\nexit 73\n");
  RecordingHost turning;
  prepare(turning);
  CHECK(turning.run("SWITCHRC=turn\n") == "log The rules go round without end: given up\nexit 73\n");
}

TEST_CASE("how a run ends") {
  const auto prepare = [](RecordingHost& host) { host.full = {"full"}, host.plan.host_name = "here"; };
  check_rows({
      {"DEFAULT", "DEFAULT=d ORGMAIL=o\n", "lock d.lock\nbox d\nunlock d.lock\nexit 0\n"},
      {"then ORGMAIL, without a lock", "DEFAULT=full ORGMAIL=o\n",
       "lock full.lock\nfail full\nlog No space left to finish writing \\\"full\\\"\nbox o\nunlock full.lock\nexit 0\n"},
      {"a Maildir needs no lock", "DEFAULT=d/\n", "box d/\nexit 0\n"},
      {"T69 neither", "DEFAULT ORGMAIL\n", "exit 73\n"},
      {"T44 HOST", "LOG=a\nHOST=nope\nLOG=b\n", "log a\nexit 0\n"},
      {"HOST unset", "HOST\nLOG=b\n", "exit 0\n"},
      {"HOST matches", "HOST=here\nLOG=b\n", "log b\nexit 73\n"},
      {"T46 EXITCODE", "EXITCODE=7\n:0\nbox\n", "box box\nexit 7\n"},
      {"T46 negative", "EXITCODE=-1\n:0\nbox\n", "box box\nexit 0\n"},
      {"T46 a word", "EXITCODE=abc\n:0\nbox\n", "box box\nexit 2\n"},
      {"EXITCODE beyond a byte", "EXITCODE=300\n:0\nbox\n", "box box\nexit 44\n"},
      {"TRAP", "TRAP=bye\n:0\nbox\n", "box box\ntrap bye\nexit 0\n"},
      {"TRAP decides where EXITCODE is empty", "TRAP=nine EXITCODE=\n:0\nbox\n", "box box\ntrap nine\nexit 9\n"},
      {"DELIVERED", "DELIVERED=yes\n", "reported delivered\nexit 0\n"},
      {"LOGABSTRACT", "LOGABSTRACT=yes\n:0\nbox\n",
       "box box\nlog From a@b  Mon Nov 23 09:00:00 2026\\n Subject: hello\\n  Folder: box\\t\\t\\t\\t\\t\\t\\t\\t     64\nexit 0\n"},
      {"LOGABSTRACT=all has the copies", "LOGABSTRACT=all\n:0 hc\nc\n:0\n/dev/null\n",
       "box c\nlog From a@b  Mon Nov 23 09:00:00 2026\\n Subject: hello\\n  Folder: c\\t\\t\\t\\t\\t\\t\\t\\t     59\nbox /dev/null\n"
       "log From a@b  Mon Nov 23 09:00:00 2026\\n Subject: hello\\n  Folder: /dev/null\\t\\t\\t\\t\\t\\t\\t     64\nexit 0\n"},
  }, [&](RecordingHost& host) {
    prepare(host);
    host.programs["nine"] = {.status = 9};
  });
}

TEST_CASE("with -m only what the rules set is a fall-back") {
  check_rows({
      {"nothing", "A=1\n", "exit 73\n"},
      {"DEFAULT assigned", "DEFAULT=d\n", "lock d.lock\nbox d\nunlock d.lock\nexit 0\n"},
      {"ORGMAIL assigned", "ORGMAIL=o\n", "box o\nexit 0\n"},
  });
}

TEST_CASE("the nth delivery fails, and the next recipe runs") {
  RecordingHost host;
  host.failing_delivery = 2;
  CHECK(host.run(":0 c\na\n:0\nb\n:0\nc\n") == "box a\nfail b\nlog No space left to finish writing \\\"b\\\"\nbox c\nexit 0\n");
}

TEST_CASE("a request to stop ends a run between statements") {
  RecordingHost host;
  host.stop_at_question = 2;
  CHECK(host.run("LOG=a\nLOG=b\nTRAP=x\n") == "log a\nexit 75\n");
}

TEST_CASE("locks are taken and released in order") {
  check_rows({
      {"of a folder", ":0:\nbox\n", "lock box.lock\nbox box\nunlock box.lock\nexit 0\n"},
      {"named", ":0: my.lock\nbox\n", "lock my.lock\nbox box\nunlock my.lock\nexit 0\n"},
      {"of a redirection", ":0:\n|cat >>out.txt; x\n", "lock out.txt.lock\npipe cat >>out.txt; x\nunlock out.txt.lock\nexit 0\n"},
      {"T75 none to be found", ":0:\n|cat >o\n",
       "log Couldn't determine implicit lockfile from \\\"cat >o\\\"\nlock .lock\npipe cat >o\nunlock .lock\nexit 0\n"},
      {"T76 a deadlock is avoided", "LOCKFILE=g\n:0:g\nbox\n", "lock g\nlog Deadlock attempted on \\\"g\\\"\nbox box\nunlock g\nexit 0\n"},
      {"LOCKFILE changed, then unset", "LOCKFILE=a LOCKFILE=b LOCKFILE\n", "lock a\nunlock a\nlock b\nunlock b\nexit 73\n"},
      {"T34 a lock that cannot be had prevents nothing", ":0:\nbusy\n",
       "lock busy.lock\nlog Lock failure on \\\"busy.lock\\\"\nbox busy\nexit 0\n"},
      {"/dev/null needs none", ":0:\n/dev/null\n", "box /dev/null\nexit 0\n"},
      {"LOCKEXT", "LOCKEXT=.lk\n:0:\nbox\n", "lock box.lk\nbox box\nunlock box.lk\nexit 0\n"},
  }, [](RecordingHost& host) { host.plan.fall_back = false, host.busy_locks = {"busy.lock"}; });
}

TEST_CASE("MAILDIR and UMASK are values of the run") {
  check_rows({
      {"both", "MAILDIR=sub UMASK=022\n:0 h\nbox\n",
       "box box in ~/sub umask 022 \"From a@b  Mon Nov 23 09:00:00 2026\\nSubject: hello\\nTo: dev\\n\\n\"\nexit 0\n"},
      {"T77 missing", "MAILDIR=no\nLOG=$MAILDIR\n:0 b\nbox\n",
       "log Couldn't chdir to \\\"no\\\"\nlog .\nbox box in ~ umask 077 \"body\\n\"\nexit 0\n"},
      {"a clone's concern nobody else", ":0 wc\n{\nMAILDIR=sub\n:0 b\nc\n}\n:0 b\np\n",
       "box c in ~/sub umask 077 \"body\\n\"\nbox p in ~ umask 077 \"body\\n\"\nexit 0\n"},
  }, [](RecordingHost& host) { host.quiet = false, host.missing_directories = {"no"}; });
}
