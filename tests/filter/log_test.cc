// Logs: files, descriptors and the system's log, which here is a socket of the test's own.
// SPDX-License-Identifier: Apache-2.0
#include "filter/log.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/filter/support/scratch.h"

using filter::Log;
using filter::LogSockets;

namespace {

// Listens as a syslog daemon does.
class Listener {
 public:
  explicit Listener(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  std::string next() const {
    char bytes[20000];
    const ssize_t got = recv(fd_.get(), bytes, sizeof bytes, 0);
    return got < 0 ? "nothing" : std::string(bytes, static_cast<std::size_t>(got));
  }

 private:
  mailbox::UniqueFd fd_;
};

LogSockets sockets_in(const Scratch& scratch) { return {scratch / "syslog", scratch / "journal"}; }

std::string behind_tag(const std::string& datagram) {
  const auto tag = datagram.find("]: ");
  return tag == std::string::npos ? datagram : datagram.substr(tag + 3);
}

}  // namespace

TEST_CASE("LOGFILE: made with the place's umask, appended to, kept when the next cannot be opened") {
  Scratch scratch;
  scratch.write("first", "old\n");
  REQUIRE(mkdir((scratch / "folder").c_str(), 0755) == 0);
  REQUIRE(mkfifo((scratch / "fifo").c_str(), 0600) == 0);
  Log log = Log::to_descriptor(-1);
  CHECK_FALSE(log.has_file());
  REQUIRE(log.open_file(scratch.fd(), "first", 077));
  CHECK(log.has_file());
  log.write("one\n");
  for (const std::string bad : {"no/such", "folder", "fifo", "first/x"}) {
    CAPTURE(bad);
    CHECK_FALSE(log.open_file(scratch.fd(), bad, 077));
    log.write("kept\n");
  }
  CHECK(scratch.read("first") == "old\none\nkept\nkept\nkept\nkept\n");
  struct Row {
    unsigned umask, mode;
  };
  for (const Row& row : std::vector<Row>{{077, 0600}, {022, 0645}, {0, 0667}, {0777, 0}}) {
    const std::string name = "made" + std::to_string(row.umask);
    REQUIRE(log.open_file(scratch.fd(), name, row.umask));
    CHECK(scratch.mode(name) == row.mode);
  }
  REQUIRE(log.open_file(scratch.fd(), "", 077));  // /dev/null
  log.write("lost\n");
  CHECK(log.program_errors() >= 0);
}

TEST_CASE("procmail's log is the descriptor as given") {
  Scratch scratch;
  const mailbox::UniqueFd given(open((scratch / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  Log log = Log::to_descriptor(given.get());
  log.write("no line end");
  CHECK(log.program_errors() == given.get());
  CHECK(scratch.read("err") == "no line end");
}

TEST_CASE("deliver: auto, stderr and syslog are datagrams of whole lines") {
  for (const std::string target : {"auto", "stderr", "syslog"}) {
    CAPTURE(target);
    Scratch scratch;
    const Listener syslog(scratch / "syslog");
    {
      Log log = Log::for_delivery(target, sockets_in(scratch));
      CHECK(log.program_errors() == -1);
      log.write("first ");
      CHECK(syslog.next() == "nothing");
      log.write("half\nsecond\n\nun\x1b\rfinished");
      const std::string datagram = syslog.next();
      CHECK(datagram.starts_with("<22>"));
      CHECK(datagram.find(" sluice[" + std::to_string(getpid()) + "]: ") != std::string::npos);
      CHECK(behind_tag(datagram) == "first half");
      CHECK(behind_tag(syslog.next()) == "second");
      CHECK(syslog.next() == "nothing");
    }
    CHECK(behind_tag(syslog.next()) == "un??finished");
  }
}

TEST_CASE("deliver: long lines come in pieces, at n-1, n, n+1") {
  for (const std::size_t more : {0u, 1u, 2u}) {
    Scratch scratch;
    const Listener syslog(scratch / "syslog");
    Log log = Log::for_delivery("syslog", sockets_in(scratch));
    const std::size_t size = filter::kLogLineLimit - 1 + more;
    log.write(std::string(size, 'x') + "\nnext\n");
    CHECK(behind_tag(syslog.next()).size() == std::min(size, filter::kLogLineLimit));
    if (size > filter::kLogLineLimit) CHECK(behind_tag(syslog.next()) == "x");
    CHECK(behind_tag(syslog.next()) == "next");
  }
}

TEST_CASE("deliver: the journal, or syslog where there is none") {
  Scratch scratch;
  {
    const Listener journal(scratch / "journal");
    Log::for_delivery("journal", sockets_in(scratch)).write("hello\n");
    const std::string datagram = journal.next();
    CHECK(datagram.find("MESSAGE=hello\n") != std::string::npos);
    CHECK(datagram.find("SYSLOG_FACILITY=2\n") != std::string::npos);
  }
  const Listener syslog(scratch / "syslog");
  Log::for_delivery("journal", sockets_in(scratch)).write("hello\n");
  CHECK(behind_tag(syslog.next()) == "hello");
}

TEST_CASE("deliver: a file, or syslog where it cannot be opened; nobody at all is no harm") {
  Scratch scratch;
  {
    Log log = Log::for_delivery(scratch / "mail.log", sockets_in(scratch));
    log.write("to the file\n");
    CHECK_FALSE(log.has_file());  // that is not LOGFILE
    CHECK(log.program_errors() >= 0);
  }
  CHECK(scratch.read("mail.log") == "to the file\n");
  CHECK(scratch.mode("mail.log") == 0600);
  Log::for_delivery("/no/such/folder/log", sockets_in(scratch)).write("nobody\n");
  const Listener syslog(scratch / "syslog");
  Log::for_delivery("/no/such/folder/log", sockets_in(scratch)).write("hello\n");
  CHECK(behind_tag(syslog.next()) == "hello");
}
