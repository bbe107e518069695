// Programs as the rules run them: input, output, time limits, and every way of failing.
// SPDX-License-Identifier: Apache-2.0
#include "filter/child.h"

#include <signal.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "mailbox/file.h"
#include "tests/filter/support/scratch.h"

using filter::ChildPlace;
using filter::Children;
using rules::ProgramCall;
using rules::ProgramOutcome;
using Purpose = rules::ProgramCall::Purpose;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kPipeSize = 64 << 10;
const std::vector<std::string> kEnvironment{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"};

ProgramCall shell(const std::string& text, Purpose purpose = Purpose::Filter) {
  ProgramCall call;
  call.purpose = purpose;
  call.argv = {"/bin/sh", "-c", text};
  call.environment = kEnvironment;
  call.output_limit = 4 << 20;
  call.input.raw = true;
  return call;
}

ProgramOutcome run(const ProgramCall& call, const ChildPlace& place = {}) {
  Children children;
  return children.run(place, call);
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit = 10s) {
  for (auto waited = 0ms; waited < limit; waited += 10ms) {
    if (holds()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return holds();
}

bool alive(const std::string& pid) {
  mailbox::UniqueFd stat(open(("/proc/" + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!stat) return false;
  char text[256] = {};
  const ssize_t got = read(stat.get(), text, sizeof text - 1);
  const std::string_view view(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  const auto name_end = view.rfind(')');
  return name_end != std::string_view::npos && name_end + 2 < view.size() && view[name_end + 2] != 'Z';
}

}  // namespace

TEST_CASE("exit statuses, and signals as negative numbers") {
  struct Row {
    std::string text;
    int status;
  };
  const std::vector<Row> rows{
      {"exit 0", 0},         {"exit 1", 1},          {"exit 75", 75},        {"exit 255", 255},
      {"kill -KILL $$", -9}, {"kill -TERM $$", -15}, {"kill -SEGV $$", -11}, {"nosuchprogram 2>/dev/null", 127},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const ProgramOutcome outcome = run(shell(row.text));
    CHECK(outcome.started);
    CHECK_FALSE(outcome.timed_out);
    CHECK(outcome.status == row.status);
    CHECK(outcome.succeeded() == (row.status == 0));
  }
}

TEST_CASE("input: header, body, and the line end that procmail adds") {
  struct Row {
    std::string header, body;
    bool raw;
    std::string expected;
  };
  const std::vector<Row> rows{
      {"A: b\n\n", "body", false, "A: b\n\nbody\n"},
      {"A: b\n\n", "body\n", false, "A: b\n\nbody\n\n"},
      {"A: b\n\n", "b\n\n", false, "A: b\n\nb\n\n"},
      {"A: b\n\n", "body", true, "A: b\n\nbody"},
      {"A: b\n\n", "", false, "A: b\n\n"},
      {"", "From x\n", false, "From x\n\n"},
      {"", "", true, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.header, row.body, row.raw);
    ProgramCall call = shell("cat");
    call.input = {row.header, row.body, row.raw};
    CHECK(run(call).output == row.expected);
  }
}

TEST_CASE("much data both ways at once") {
  const std::string header = "Subject: x\n\n";
  const std::string body = std::string(1 << 20, 'b') + "\n\n";
  ProgramCall call = shell("cat");
  call.input = {header, body, false};
  const ProgramOutcome outcome = run(call);
  CHECK(outcome.succeeded());
  CHECK(outcome.output == header + body);
  CHECK_FALSE(outcome.output_cut);
}

TEST_CASE("a program that prints much and reads nothing first") {
  const std::string body(1 << 20, 'b');
  ProgramCall call = shell("head -c 1000000 /dev/zero; wc -c");
  call.input = {"", body, true};
  const ProgramOutcome outcome = run(call);
  CHECK(outcome.succeeded());
  CHECK(outcome.output.substr(1000000) == "1048576\n");
}

TEST_CASE("output limit at n-1, n, n+1") {
  struct Row {
    std::size_t printed;
    std::size_t kept;
    bool cut;
  };
  const std::vector<Row> rows{{999, 999, false}, {1000, 1000, false}, {1001, 1000, true}, {300000, 1000, true}};
  for (const Row& row : rows) {
    CAPTURE(row.printed);
    ProgramCall call = shell("head -c " + std::to_string(row.printed) + " /dev/zero");
    call.output_limit = 1000;
    const ProgramOutcome outcome = run(call);
    CHECK(outcome.output.size() == row.kept);
    CHECK(outcome.output_cut == row.cut);
    CHECK(outcome.status == 0);
  }
}

TEST_CASE("without an output limit standard output is /dev/null") {
  ProgramCall call = shell("x=$(readlink /proc/$$/fd/1); echo $x >&2", Purpose::Pipe);
  call.output_limit = 0;
  std::string errors;
  ChildPlace place;
  place.error_sink = [&](std::string_view piece) { errors += piece; };
  CHECK(run(call, place).succeeded());
  CHECK(errors == "/dev/null\n");
}

TEST_CASE("input that nobody reads: what fits in the pipe is taken") {
  struct Row {
    std::string text;
    std::size_t size;
    bool taken;
  };
  const std::vector<Row> rows{
      {"true", 0, true},
      {"true", 100, true},
      {"exec <&-; true", 100, true},
      {"true", kPipeSize - 1, true},
      {"true", kPipeSize, true},
      {"true", kPipeSize + 1, false},
      {"true", 200000, false},
      {"head -c 1 >/dev/null", 1000000, false},
      {"cat >/dev/null", 1000000, true},
  };
  for (const Row& row : rows) {
    for (const bool wait : {true, false}) {
      CAPTURE(row.text, row.size, wait);
      const std::string body(row.size, 'x');
      ProgramCall call = shell(row.text, Purpose::Pipe);
      call.output_limit = 0;
      call.wait = wait;
      call.input = {"", body, true};
      const ProgramOutcome outcome = run(call);
      CHECK(outcome.input_taken == row.taken);
      CHECK(outcome.succeeded() == row.taken);
    }
  }
}

TEST_CASE("write errors that count for nothing") {
  const std::string body(200000, 'x');
  for (const Purpose purpose : {Purpose::Condition, Purpose::Backquote, Purpose::Trap}) {
    ProgramCall call = shell("true", purpose);
    call.input = {"", body, true};
    CHECK(run(call).succeeded());
  }
  ProgramCall ignoring = shell("true", Purpose::Pipe);
  ignoring.input = {"", body, true};
  ignoring.ignore_write_errors = true;
  CHECK(run(ignoring).succeeded());
}

TEST_CASE("what cannot be started") {
  Scratch scratch;
  scratch.write("data",
                std::string("\x7f"
                            "ELF\0\0\0\0",
                            8),
                0644);
  scratch.write("foreign",
                std::string("\x7f"
                            "ELF\0\0\0\0",
                            8),
                0755);
  while (waitpid(-1, nullptr, 0) > 0) {  // what earlier cases left behind
  }
  struct Row {
    std::vector<std::string> argv;
  };
  const std::vector<Row> rows{
      {{"nosuchprogram"}}, {{"/no/such/program"}}, {{"./nosuch"}},  {{""}}, {{}}, {{"/"}},
      {{scratch.path()}},  {{"./data"}},           {{"./foreign"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.argv);
    ProgramCall call = shell("");
    call.argv = row.argv;
    const ProgramOutcome outcome = run(call, {.directory = scratch.fd()});
    CHECK_FALSE(outcome.started);
    CHECK_FALSE(outcome.succeeded());
  }
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // and nothing is left to be reaped
}

TEST_CASE("scripts without x bit, without #!, with a missing interpreter") {
  Scratch scratch;
  scratch.write("plain", "echo plain $1\n", 0644);
  scratch.write("bare", "echo bare $1\n", 0755);
  scratch.write("lost", "#!/no/such/interpreter\necho lost $1\n", 0755);
  scratch.write("-e", "echo dash $1\n", 0644);
  scratch.write("spaced name", "echo spaced $1\n", 0644);
  struct Row {
    std::string program;
    std::string expected;
  };
  const std::vector<Row> rows{
      {"./plain", "plain a b\n"},      {"plain", "plain a b\n"}, {scratch / "plain", "plain a b\n"},
      {"./bare", "bare a b\n"},        {"./lost", "lost a b\n"}, {"-e", "dash a b\n"},
      {"spaced name", "spaced a b\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.program);
    ProgramCall call = shell("");
    call.argv = {row.program, "a b"};
    const ProgramOutcome outcome = run(call, {.directory = scratch.fd()});
    CHECK(outcome.started);
    CHECK(outcome.output == row.expected);
  }
}

TEST_CASE("PATH is that of the call's environment") {
  Scratch scratch;
  scratch.write("sluice-probe", "#!/bin/sh\necho found\n", 0755);
  ProgramCall call = shell("");
  call.argv = {"sluice-probe"};
  CHECK_FALSE(run(call).started);
  call.environment = {"PATH=/nowhere:" + scratch.path()};
  CHECK(run(call).output == "found\n");
  call.environment = {"PATH=/nowhere:"};  // an empty part is the working directory
  CHECK(run(call, {.directory = scratch.fd()}).output == "found\n");
  call.argv = {"true"};
  call.environment = {};
  CHECK(run(call).succeeded());
}

TEST_CASE("environment, directory, umask and process group are the program's own") {
  Scratch scratch;
  ProgramCall call = shell("echo \"$SEEN|$HOME\"; pwd; umask; set -- $(cat /proc/self/stat); ls /proc/self/fd | wc -l");
  call.environment = {"PATH=/usr/bin:/bin", "SEEN=yes it is"};
  ChildPlace place{.directory = scratch.fd(), .umask = 027};
  CHECK(run(call, place).output == "yes it is|\n" + scratch.path() + "\n0027\n4\n");  // 0, 1, 2 and ls's own
  ProgramCall group = shell("echo $$ $(ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat)");
  const std::string ids = run(group).output;
  CHECK(ids.substr(0, ids.find(' ')) + "\n" == ids.substr(ids.find_last_of(' ') + 1));
}

TEST_CASE("signals are at their defaults in the program, whatever they are here") {
  struct sigaction ignore{}, before_pipe{}, before_hup{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &before_pipe);
  sigaction(SIGHUP, &ignore, &before_hup);
  const std::string ignored = run(shell("grep -E 'Sig(Ign|Blk)' /proc/self/status | cut -f2")).output;
  sigaction(SIGPIPE, &before_pipe, nullptr);
  sigaction(SIGHUP, &before_hup, nullptr);
  CHECK(ignored == "0000000000000000\n0000000000000000\n");
}

TEST_CASE("standard error goes to the log") {
  Scratch scratch;
  SECTION("a descriptor") {
    const mailbox::UniqueFd log(open((scratch / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ProgramCall call = shell("echo out; echo oops >&2");
    CHECK(run(call, {.errors = log.get()}).output == "out\n");
    CHECK(scratch.read("log") == "oops\n");
    call.output_to_log = true;
    CHECK(run(call, {.errors = log.get()}).output.empty());
    CHECK(scratch.read("log") == "oops\nout\noops\n");
  }
  SECTION("a sink, bounded") {
    std::string told;
    ChildPlace place;
    place.error_sink = [&](std::string_view piece) { told += piece; };
    CHECK(run(shell("echo oops >&2; head -c 200000 /dev/zero >&2"), place).succeeded());
    CHECK(told.size() == filter::kErrorOutputLimit);
    CHECK(told.starts_with("oops\n"));
  }
  SECTION("nowhere") { CHECK(run(shell("readlink /proc/$$/fd/2")).output == "/dev/null\n"); }
}

TEST_CASE("TIMEOUT ends the whole group") {
  Scratch scratch;
  struct Row {
    std::string text;
    bool needs_kill;
  };
  const std::vector<Row> rows{
      {"sleep 100 & echo $! >pid; wait", false},
      {"(trap '' TERM; sleep 100 & echo $! >pid; wait; wait) & wait", true},
      {"trap '' TERM; sleep 100 & echo $! >pid; wait; wait", true},
      {"sleep 100 & echo $! >pid; exec >/dev/null; sleep 100", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    ProgramCall call = shell(row.text);
    call.timeout = 1s;
    const auto start = std::chrono::steady_clock::now();
    const ProgramOutcome outcome = run(call, {.directory = scratch.fd(), .kill_grace = 300ms});
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(outcome.timed_out);
    CHECK_FALSE(outcome.succeeded());
    CHECK(took >= (row.needs_kill ? 1300ms : 1000ms));
    CHECK(took < 10s);
    const std::string pid = scratch.read("pid");
    REQUIRE(pid.size() > 1);
    CHECK(eventually([&] { return !alive(pid.substr(0, pid.size() - 1)); }));
  }
}

TEST_CASE("TIMEOUT also bounds a program that takes no input and is not waited for") {
  const std::string body(200000, 'x');
  ProgramCall call = shell("sleep 100", Purpose::Pipe);
  call.input = {"", body, true};
  call.wait = false;
  call.timeout = 1s;
  const ProgramOutcome outcome = run(call, {.kill_grace = 300ms});
  CHECK(outcome.timed_out);
  CHECK_FALSE(outcome.input_taken);
}

TEST_CASE("output that outlives the program is waited for") {
  CHECK(run(shell("(sleep 0.3; echo late) &")).output == "late\n");
}

TEST_CASE("wait = false returns at once, and the program goes on") {
  Scratch scratch;
  ProgramCall call = shell("cat >in; sleep 0.3; mv in done", Purpose::Pipe);
  const std::string body(100000, 'y');
  call.input = {"", body, true};
  call.wait = false;
  call.output_limit = 0;
  Children children;
  CHECK(children.run({.directory = scratch.fd()}, call).succeeded());
  CHECK_FALSE(scratch.has("done"));
  CHECK(children.unwaited() == 1);
  CHECK(eventually([&] { return scratch.has("done"); }));
  CHECK(scratch.read("done") == body);
  call = shell("true");
  CHECK(eventually([&] {
    children.run({}, call);
    return children.unwaited() == 0;
  }));
}

TEST_CASE("a request to stop ends the program that we wait for") {
  static volatile sig_atomic_t asked = 0;
  asked = 0;
  struct sigaction note{}, before{};
  note.sa_handler = [](int) { asked = 1; };
  sigaction(SIGTERM, &note, &before);
  const pid_t self = getpid();
  ProgramCall call = shell("kill -TERM " + std::to_string(self) + "; sleep 100");
  const auto start = std::chrono::steady_clock::now();
  ChildPlace place;
  place.stop = [] { return asked != 0; };
  const ProgramOutcome outcome = run(call, place);
  sigaction(SIGTERM, &before, nullptr);
  CHECK(std::chrono::steady_clock::now() - start < 20s);
  CHECK(outcome.status == -SIGTERM);
  CHECK_FALSE(outcome.timed_out);
}
