// What recipes do with programs, and what of a message may not reach names and options (CONTRACT 5.2, 5.4, 5.6).
// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/rules/support/recording_host.h"

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
    host.plan.fall_back = false;
    prepare(host);
    CHECK(host.run(row.rc) == row.expected);
  }
}

void fill(RecordingHost& host) {
  host.programs["false"] = {.status = 1};
  host.programs["missing"] = {.started = false};
  host.programs["killed"] = {.status = -9};
  host.programs["slow"] = {.status = -15, .timed_out = true};
  host.programs["deaf"] = {.input_taken = false};
  host.programs["upper"] = {.output = "Subject: NEW\n\nBODY\n"};
  host.programs["half"] = {.status = 3, .output = "half\n\n"};
  host.programs["dots"] = {.output = "../out\n"};
  host.programs["root"] = {.output = "/etc\n"};
  host.programs["score"] = {.status = 4};
}

}  // namespace

TEST_CASE("programs: what counts as a failure") {
  check_rows({
      {"T35, but mail is never lost: a program that is missing has failed", ":0\n|missing\n:0\nbox\n",
       "pipe missing\nlog Failed to execute \\\"missing\\\"\nlog Program failure (127) of \\\"missing\\\"\nbox box\nexit 0\n"},
      {"a plain exit status counts only where it is waited for", ":0\n|false\n:0\nbox\n", "pipe false\nexit 0\n"},
      {"w", ":0 w\n|false\n:0\nbox\n", "pipe false\nlog Program failure (1) of \\\"false\\\"\nbox box\nexit 0\n"},
      {"W", ":0 W\n|false\n:0\nbox\n", "pipe false\nbox box\nexit 0\n"},
      {"a lock is waited for", ":0: x\n|false\n:0\nbox\n", "lock x\npipe false\nunlock x\nbox box\nexit 0\n"},
      {"killed", ":0 w\n|killed\n:0\nbox\n", "pipe killed\nlog Program failure (-9) of \\\"killed\\\"\nbox box\nexit 0\n"},
      {"too slow", ":0 w\n|slow\n:0\nbox\n",
       "pipe slow\nlog Timeout, terminating \\\"slow\\\"\nlog Program failure (-15) of \\\"slow\\\"\nbox box\nexit 0\n"},
      {"T37 input not taken", ":0\n|deaf\n:0\nbox\n", "pipe deaf\nlog Error while writing to \\\"deaf\\\"\nbox box\nexit 0\n"},
      {"T37 nor need it with i", ":0 i\n|deaf\n:0\nbox\n", "pipe deaf\nexit 0\n"},
      {"T52 a lone bar is the standard output", ":0\n|\n", "output 64\nexit 0\n"},
      {"so is a program that variables make of nothing", ":0\n| $unset\n", "output 64\nexit 0\n"},
  }, fill);
}

TEST_CASE("filters") {
  check_rows({
      {"replace the message", ":0 f\n|upper\n:0\nbox\n",
       "filter upper waited \"From a@b  Mon Nov 23 09:00:00 2026\\nSubject: hello\\nTo: dev\\n\\nbody\\n\"\n"
       "box box in ~ umask 077 \"Subject: NEW\\n\\nBODY\\n\"\nexit 0\n"},
      {"or its body", ":0 fb\n|upper\n:0 b\nbox\n",
       "filter upper waited \"body\\n\"\nbox box in ~ umask 077 \"Subject: NEW\\n\\nBODY\\n\"\nexit 0\n"},
      {"T39 with w a failure undoes it", ":0 fbw\n|half\n:0 b\nbox\n",
       "filter half waited \"body\\n\"\nlog Program failure (3) of \\\"half\\\"\nlog Rescue of unfiltered data succeeded\n"
       "box box in ~ umask 077 \"body\\n\"\nexit 0\n"},
      {"without w its output counts", ":0 fb\n|half\n:0 b\nbox\n",
       "filter half waited \"body\\n\"\nbox box in ~ umask 077 \"half\\n\\n\"\nexit 0\n"},
      {"T38, but a missing one leaves the message", ":0 fb\n|missing\n:0 b\nbox\n",
       "filter missing waited \"body\\n\"\nlog Failed to execute \\\"missing\\\"\nlog Program failure (127) of \\\"missing\\\"\nbox box in ~ umask 077 \"body\\n\"\nexit 0\n"},
      {"so does one that was killed", ":0 fb\n|killed\n:0 b\nbox\n",
       "filter killed waited \"body\\n\"\nlog Program failure (-9) of \\\"killed\\\"\nbox box in ~ umask 077 \"body\\n\"\nexit 0\n"},
      {"copy means nothing", ":0 fcb\n|upper\n:0 b\nbox\n",
       "log Extraneous copy-flag ignored\nfilter upper waited \"body\\n\"\nbox box in ~ umask 077 \"Subject: NEW\\n\\nBODY\\n\"\nexit 0\n"},
  }, [](RecordingHost& host) { fill(host), host.quiet = false; });
}

TEST_CASE("captures, forwards, conditions") {
  check_rows({
      {"T78 one LF goes", ":0\nX=|half\nLOG=\"[$X]\"\n", "capture half\nlog [half\\n]\nexit 73\n"},
      {"with w a failure keeps the old value", "X=old\n:0 w\nX=|half\nLOG=$X\n",
       "capture half\nlog Program failure (3) of \\\"half\\\"\nlog old\nexit 73\n"},
      {"backquotes lose all LFs", "X=`half`\nLOG=\"[$X] $?\"\n", "backquote half\nlog [half] 3\nexit 73\n"},
      {"forward", "SENDMAILFLAGS='-a -b'\n:0\n! x@y \"p q\"\n", "forward sendmail,-a,-b,x@y,p q\nexit 0\n"},
      {"without an address", ":0\n!\n", "forward sendmail,\nexit 0\n"},
      {"all arguments", ":0 c\n! \"$@\"\nLOG=$LASTFOLDER\n", "forward sendmail,one,two 2\nlog sendmail \nexit 73\n"},
      {"a program's status", ":0\n* ? false\nbox\n:0\n* ! ? false\nbox2\n", "condition false\ncondition false\nbox box2\nexit 0\n"},
      {"after the first failure nothing runs", ":0\n* nope\n* ? false\nbox\n", "exit 73\n"},
      {"scores", ":0\n* 3^7 ? score\n{ }\nLOG=$=\n:0\n* 3^2 ! ? score\n{ }\nLOG=$=\n", "condition score\nlog 7\ncondition score\nlog 45\nexit 73\n"},
      {"a score of nothing is no match", ":0\n* 1^1 nope\nbox\nLOG=$=\n", "log 0\nexit 73\n"},
      {"lines are counted", ":0 B\n* 1^1 ^.*$\n{ }\nLOG=$=\n", "log 2\nexit 73\n"},
      {"sizes", ":0\n* > 63\n* < 65\n{ LOG=64 }\n", "log 64\nexit 73\n"},
      {"a $ condition is read again", "A='? false'\n:0\n* ! $ $A\n{ LOG=x }\n", "condition false\nlog x\nexit 73\n"},
      {"a recipe without action tries its conditions", ":0\n* ? false\n\n:0\nbox\n", "condition false\nlog Missing action\nbox box\nexit 0\n"},
  }, [](RecordingHost& host) { fill(host), host.arguments = {"one", "two 2"}; });
}

TEST_CASE("what a sender or a program chose leads nowhere (CONTRACT 5.4)") {
  const std::string from_match = "log Refused folder \\\"l/../x\\\": a \\\"..\\\" out of a match or a program's output\n";
  const std::string subject = ":0\n* ^Subject: \\/.*\n{ }\n";
  check_rows({
      {"MATCH", subject + ":0\nl/$MATCH\n:0\nbox\n", from_match + "box box\nexit 0\n"},
      {"through assignments", subject + "A=$MATCH B=\"l/$A\"\n:0\n$B\n", from_match + "exit 73\n"},
      {"through a default", subject + "A=${none:-$MATCH}\n:0\nl/$A\n", from_match + "exit 73\n"},
      {"a capture", ":0\nA=|dots\n:0\n$A\n",
       "capture dots\nlog Refused folder \\\"../out\\\": a \\\"..\\\" out of a match or a program's output\nexit 73\n"},
      {"backquotes", ":0\n`dots`\n", "backquote dots\nlog Refused folder \\\"../out\\\": a \\\"..\\\" out of a match or a program's output\nexit 73\n"},
      {"a program may name a folder from the root", ":0\n`root`\n", "backquote root\nbox /etc\nexit 0\n"},
      {"an argument may not", ":0\n$1\n", "log Refused folder \\\"/abs\\\": a leading \\\"/\\\" out of a match\nexit 73\n"},
      {"the author may do both", ":0 c\n../x\n:0\n/abs/y\n", "box ../x\nbox /abs/y\nexit 0\n"},
      {"locks", subject + ":0: $MATCH\nbox\n", "log Refused lock file \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\nbox box\nexit 0\n"},
      {"MAILDIR", subject + "MAILDIR=$MATCH\nLOG=$MAILDIR\n",
       "log Refused MAILDIR \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\nlog .\nexit 73\n"},
      {"LOGFILE", subject + "LOGFILE=$MATCH\n", "log Refused LOGFILE \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\n"
       "exit 73\n"},
      {"INCLUDERC", subject + "INCLUDERC=$MATCH\n", "log Refused INCLUDERC \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\nexit 73\n"},
      {"SWITCHRC", subject + "SWITCHRC=$MATCH\n", "log Refused SWITCHRC \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\nexit 73\n"},
      {"DEFAULT", subject + "DEFAULT=$MATCH\n", "log Refused DEFAULT \\\"../x\\\": a \\\"..\\\" out of a match or a program's output\nexit 73\n"},
      {"an option", ":0\n! $2\n:0\nbox\n", "log Refused address \\\"-oQ/x\\\": it would be an option of sendmail\nbox box\nexit 0\n"},
      {"the author's own option", ":0\n! -t\n", "forward sendmail,-t\nexit 0\n"},
  }, [](RecordingHost& host) {
    fill(host);
    host.message = "Subject: ../x\n\nbody\n";
    host.arguments = {"/abs", "-oQ/x"};
  });
}

TEST_CASE("LINEBUF, where it is set, at n-1, n and n+1") {
  struct Limit {
    const char* what;
    std::string before, after;
    std::size_t largest;      // of a run of x between the two
  };
  const std::string said = "\nLOG=\"<$PROCMAIL_OVERFLOW>\"\n";
  for (const Limit& limit : std::vector<Limit>{
           {"a value", "A=", said, 126},
           {"a quoted value", "A=\"", "\"" + said, 126},
           {"a condition", ":0\n* ! ", "\nbox" + said, 125},
           {"a $ condition, filled in", "A=12345678901234567890\n:0\n* ! $ ${A}${A}", "\nbox" + said, 87},
           {"a folder", ":0 c\n\"", "\"" + said, 128},
           {"a program", ":0 c\n|a ", said, 125},
           {"a capture", ":0 c\nA=|a ", said, 125},
       }) {
    for (const std::size_t size : {limit.largest - 1, limit.largest, limit.largest + 1}) {
      CAPTURE(limit.what, size);
      RecordingHost host;
      host.plan.fall_back = false;
      const std::string seen = host.run("LINEBUF=128\n" + limit.before + std::string(size, 'x') + limit.after);
      CHECK((seen.find("Exceeded LINEBUF") != std::string::npos) == (size > limit.largest));
      CHECK((seen.find("<yes>") != std::string::npos) == (size > limit.largest));
    }
  }
  RecordingHost unlimited;
  unlimited.plan.fall_back = false;
  CHECK(unlimited.run("A=" + std::string(100000, 'x') + "\nLOG=<$PROCMAIL_OVERFLOW>\n") == "log <>\nexit 73\n");
  RecordingHost head;
  CHECK(head.run("LINEBUF=128\n:0 " + std::string(200, 'x') + "\nbox\n:0\nother\n") == "log Exceeded LINEBUF\nexit 73\n");
}
