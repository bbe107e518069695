// The agent's answers on a real file system: folders, locks, logs, rule files, confinement.
// SPDX-License-Identifier: Apache-2.0
#include "filter/agent_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "filter/comsat.h"
#include "filter/stop_signal.h"
#include "tests/filter/support/world.h"

TEST_CASE("folders by name, and their names as LASTFOLDER says them") {
  World world;
  AgentHost host(world.setup);
  REQUIRE(mkdir((world.scratch / "dir").c_str(), 0700) == 0);

  const FolderOutcome mbox = host.deliver({}, to({"box"}));
  CHECK(mbox.delivered);
  CHECK(mbox.kind == Kind::Mbox);
  CHECK(mbox.folder == "box");
  CHECK(mbox.octets == kHeader.size() + kBody.size() + 1);
  CHECK(world.scratch.read("box") == std::string(kHeader) + std::string(kBody) + "\n");
  CHECK(world.scratch.mode("box") == 0600);

  const FolderOutcome maildir = host.deliver({}, to({"md/"}));
  CHECK(maildir.delivered);
  CHECK(maildir.kind == Kind::Maildir);
  CHECK(maildir.folder.starts_with("md/new/"));
  CHECK(files_in(world.scratch / "md/new") == 1);

  CHECK(host.deliver({}, to({"/dev/null"})).kind == Kind::Discard);
  const FolderOutcome directory = host.deliver({}, to({"dir"}));
  CHECK(directory.kind == Kind::Directory);
  CHECK(directory.folder.starts_with("dir/msg."));
  CHECK(host.deliver({{}, 022}, to({"open"})).delivered);
  CHECK((world.scratch.mode("open") & 0666) == 0644);
  CHECK_FALSE(host.refusal());
  CHECK_FALSE(host.temporary_failure());
  CHECK(host.last_error().empty());
}

TEST_CASE("deliveries that fail, in procmail's words") {
  World world;
  world.scratch.write("plain", "");
  struct Row {
    std::string folder;
    bool ignore;
    bool delivered;
    Notes notes;
  };
  const std::vector<Row> rows{
      {"/dev/full", false, false, {"Error while writing to \"/dev/full\""}},
      {"/dev/full", true, true, {}},
      {"no/such/box", false, false, {"Error while writing to \"no/such/box\""}},
      {"", false, false, {"Error while writing to \"\""}},
      {"plain/", false, true, {"Unable to treat as directory \"plain\""}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.folder, row.ignore);
    AgentHost host(world.setup);
    const FolderOutcome outcome = host.deliver({}, to({row.folder}, row.ignore));
    CHECK(outcome.delivered == row.delivered);
    CHECK(outcome.notes == row.notes);
    CHECK(host.last_error().empty() == row.delivered);
    if (!row.delivered) CHECK(outcome.folder == row.folder);
  }
  CHECK(world.scratch.read("plain").ends_with("body\n\n"));
  world.setup.explain = true;
  AgentHost host(world.setup);
  CHECK(host.deliver({}, to({"/dev/full"})).notes.size() == 2);
  REQUIRE(host.temporary_failure());
  CHECK(host.temporary_failure()->code == ENOSPC);
}

TEST_CASE("enter: directories, from each other") {
  World world;
  AgentHost host(world.setup);
  std::filesystem::create_directories(world.scratch / "a/b");
  world.scratch.write("file", "");
  auto a = host.enter({}, "a");
  REQUIRE(a);
  auto b = host.enter({*a, 077}, "b");
  REQUIRE(b);
  CHECK(host.deliver({*b, 077}, to({"box"})).delivered);
  CHECK(world.scratch.has("a/b/box"));
  CHECK(host.run({*b, 077}, call("pwd")).output == world.scratch / "a/b" + "\n");
  for (const std::string bad : {"nosuch", "file", "", "a/none/"}) {
    CAPTURE(bad);
    CHECK_FALSE(host.enter({}, bad));
  }
}

TEST_CASE("load: regular files only, bounded, and never a wait") {
  World world;
  AgentHost host(world.setup);
  world.scratch.write("rc", "A=1\n");
  world.scratch.write("empty", "");
  REQUIRE(mkfifo((world.scratch / "fifo").c_str(), 0600) == 0);
  REQUIRE(mkdir((world.scratch / "dir").c_str(), 0700) == 0);
  REQUIRE(symlink("loop", (world.scratch / "loop").c_str()) == 0);
  CHECK(*host.load({}, "rc") == "A=1\n");
  CHECK(*host.load({}, world.scratch / "rc") == "A=1\n");
  CHECK(host.load({}, "empty")->empty());
  for (const std::string bad : {"missing", "fifo", "dir", "loop", "", "rc/x", "/dev/zero"}) {
    CAPTURE(bad);
    const auto text = host.load({}, bad);
    REQUIRE_FALSE(text);
    CHECK(text.error().is_not_found());
  }
  struct Row {
    std::size_t size;
    bool fits;
  };
  for (const Row& row : std::vector<Row>{
           {filter::kRuleFileLimit - 1, true}, {filter::kRuleFileLimit, true}, {filter::kRuleFileLimit + 1, false}}) {
    CAPTURE(row.size);
    world.scratch.write("big", std::string(row.size, '\n'));
    const auto text = host.load({}, "big");
    CHECK(text.has_value() == row.fits);
    if (!row.fits) CHECK(text.error().is_permanent());
  }
}

TEST_CASE("lock files: taken, held, let go, and let go at the end") {
  World world;
  {
    AgentHost host(world.setup);
    CHECK(host.lock({}, {.name = "x.lock"}).held);
    CHECK(world.scratch.has("x.lock"));
    const auto again = host.lock({}, {.name = "./x.lock"});
    CHECK_FALSE(again.held);
    CHECK(again.notes == Notes{"Deadlock attempted on \"./x.lock\""});
    CHECK(host.lock({}, {.name = "y.lock"}).held);
    host.unlock({}, "x.lock");
    CHECK_FALSE(world.scratch.has("x.lock"));
    host.unlock({}, "x.lock");
    const auto failed = host.lock({}, {.name = "no/such.lock"});
    CHECK_FALSE(failed.held);
    CHECK(failed.notes == Notes{"Lock failure on \"no/such.lock\""});
    CHECK(world.scratch.has("y.lock"));
  }
  CHECK_FALSE(world.scratch.has("y.lock"));
}

TEST_CASE("a lock taken before MAILDIR changed is let go by its name") {
  World world;
  AgentHost host(world.setup);
  REQUIRE(mkdir((world.scratch / "a").c_str(), 0700) == 0);
  CHECK(host.lock({}, {.name = "x.lock"}).held);
  auto a = host.enter({}, "a");
  REQUIRE(a);
  host.unlock({*a, 077}, "x.lock");
  CHECK_FALSE(world.scratch.has("x.lock"));
}

TEST_CASE("a stale lock of another program is forced") {
  World world;
  AgentHost host(world.setup);
  world.scratch.write("x.lock", "0", 0444);
  const timespec old[2]{{1000000, 0}, {1000000, 0}};
  REQUIRE(utimensat(world.scratch.fd(), "x.lock", old, 0) == 0);
  const auto outcome = host.lock({}, {.name = "x.lock", .suspend = std::chrono::seconds(0)});
  CHECK(outcome.held);
  CHECK(outcome.notes == Notes{"Forcing lock on \"x.lock\""});
}

TEST_CASE("LOGFILE takes the log and what programs complain about") {
  World world;
  AgentHost host(world.setup);
  CHECK(host.open_log({}, "log"));
  host.log("procmail: one\n");
  CHECK(host.run({}, call("echo two >&2")).succeeded());
  CHECK_FALSE(host.open_log({}, "no/such/log"));
  host.log("three\n");
  CHECK(world.scratch.read("log") == "procmail: one\ntwo\nthree\n");
}

TEST_CASE("the action | writes to the original standard output") {
  World world;
  const mailbox::UniqueFd out(open((world.scratch / "out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  {
    AgentHost host(world.setup);
    CHECK_FALSE(host.write_output({kHeader, kBody, false}));
  }
  world.setup.output = out.get();
  AgentHost host(world.setup);
  CHECK(host.write_output({kHeader, kBody, false}));
  CHECK(world.scratch.read("out") == std::string(kHeader) + std::string(kBody) + "\n");
}

TEST_CASE("COMSAT is told by one datagram") {
  World world;
  AgentHost host(world.setup);
  const mailbox::UniqueFd listener(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const timeval patience{10, 0};
  setsockopt(listener.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::string port = std::to_string(ntohs(address.sin_port));
  for (const std::string where : {"@localhost", "@", "@127.0.0.1"}) {
    CAPTURE(where);
    host.notify({}, port + where, "anna@12:/var/mail/anna");
    char text[100];
    const ssize_t got = recv(listener.get(), text, sizeof text, 0);
    REQUIRE(got > 0);
    CHECK(std::string(text, static_cast<std::size_t>(got)) == "anna@12:/var/mail/anna");
  }
  host.notify({}, "no-such-service@localhost", "ignored");
  host.notify({}, "", "ignored");
}

TEST_CASE("DELIVERED=yes: the parent ends with 0, and the run goes on") {
  World world;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t agent = fork();
  if (agent == 0) {
    AgentHost host(world.setup);
    const int before = host.process_id();
    host.report_delivered();
    const bool good =
        host.process_id() != before && host.reported_delivered() && host.deliver({}, to({"box"})).delivered;
    [[maybe_unused]] const auto told = write(ends[1], good ? "y" : "n", 1);
    _exit(3);
  }
  close(ends[1]);
  int status = -1;
  REQUIRE(waitpid(agent, &status, 0) == agent);
  CHECK(status == 0);
  char answer = '?';
  CHECK(read(ends[0], &answer, 1) == 1);
  CHECK(answer == 'y');
  close(ends[0]);
}

TEST_CASE("signals to stop, and their exit codes") {
  struct Row {
    std::vector<int> signals;
    int code;  // -1: goes on
  };
  const std::vector<Row> rows{
      {{}, -1},
      {{SIGTERM}, 75},
      {{SIGHUP}, 73},
      {{SIGINT}, 73},
      {{SIGQUIT}, 0},
      {{SIGTERM, SIGQUIT}, 75},
      {{SIGPIPE, SIGXFSZ, SIGALRM, SIGUSR1}, -1},
  };
  for (const Row& row : rows) {
    World world;
    const pid_t child = fork();
    if (child == 0) {  // the flag is the process's: each row needs a new one
      AgentHost host(world.setup);
      filter::install_signal_handlers();
      for (const int number : row.signals) raise(number);
      _exit(host.stop_requested().value_or(-1) & 0xff);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == (row.code & 0xff));
  }
}

TEST_CASE("DROPPRIVS that fails stops the run, and the mail is kept") {
  World world;
  bool can = true;
  world.setup.drop_privileges = [&] { return can; };
  AgentHost host(world.setup);
  host.drop_privileges();
  CHECK_FALSE(host.stop_requested());
  can = false;
  host.drop_privileges();
  CHECK(host.stop_requested() == 75);
}

TEST_CASE("times are written as ctime does") {
  World world;
  AgentHost host(world.setup);
  const std::time_t now = host.now();
  CHECK(host.local_time(now) + "\n" == ctime(&now));
  CHECK(host.local_time(0).size() == 24);
}
