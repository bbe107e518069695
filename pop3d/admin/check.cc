// Looks at an inbox and its state and says what is wrong; with --repair mends it, and lists the ids that clients see.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "mailbox/file.h"
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "mailbox/maildrop.h"
#include "mailbox/mbox_format.h"
#include "mailbox/mbox_index.h"
#include "mailbox/stored_message.h"
#include "pop3d/admin/commands.h"
#include "pop3d/admin/subject.h"

namespace pop3d::admin {
namespace {

using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Maildrop;
using mailbox::Result;
using nlohmann::ordered_json;

constexpr std::chrono::seconds kLockPatience{20};

struct Finding {
  std::string what;
  bool mended = false;
};

Maildrop::Options drop_options(const Subject& subject) {
  return {.inbox = subject.inbox, .state = subject.state, .peer = "sluice-admin", .wait = kLockPatience};
}

bool exists(const std::string& path) {
  struct stat about{};
  return ::lstat(path.c_str(), &about) == 0;
}

// What stands at the end of the mbox and would swallow, or be swallowed by, the next message.
std::string missing_end_of(int fd, std::uint64_t size) {
  std::string tail;
  const auto from = size - std::min<std::uint64_t>(size, mailbox::kMendTail);
  const auto done = mailbox::read_range(fd, from, size, [&](std::string_view piece) { return tail += piece, true; });
  return done ? mailbox::missing_end(tail, from == 0) : "";
}

// The index against what the mailbox really holds.
void compare_index(const Subject& subject, const struct stat& about, const std::vector<mailbox::MboxEntry>& entries,
                   std::vector<Finding>& findings) {
  const auto index = mailbox::read_index(subject.state);
  if (!index) {
    if (exists(subject.state + "/index")) findings.push_back({"the index is damaged"});
    return;
  }
  if (index->mark != mailbox::mark_of(about)) return;  // older than the mailbox: the next login sees to that
  const bool same = std::ranges::equal(index->messages, entries, [](const auto& message, const auto& entry) {
    return message.is(entry);
  });
  if (!same) findings.push_back({"the index says something else than the mailbox"});
}

// An mbox under its lock. With `repair` its end is mended, and a removal that was cut off is finished.
Result<void> look_at_mbox(const Subject& subject, bool repair, std::vector<Finding>& findings) {
  auto fd = mailbox::open_at(AT_FDCWD, subject.inbox, O_RDWR | O_NONBLOCK | O_NOCTTY);
  if (!fd && fd.error().code == ENOENT) return {};
  if (!fd) return std::unexpected(std::move(fd).error());
  auto lock = mailbox::MailboxLock::take(AT_FDCWD, subject.inbox, fd->get(),
                                         {.dot = {.give_up = kLockPatience}, .give_up = kLockPatience});
  if (!lock) return std::unexpected(std::move(lock).error());
  if (repair) {
    if (auto done = mailbox::replay(fd->get(), subject.state); !done) findings.push_back({done.error().text, true});
  }
  struct stat about{};
  if (::fstat(fd->get(), &about) != 0) return mailbox::system_failure("cannot examine " + subject.inbox);
  const auto size = static_cast<std::uint64_t>(about.st_size);
  mailbox::MboxScanner scanner;
  auto done = mailbox::read_range(fd->get(), 0, size, [&](std::string_view piece) { return scanner.feed(piece); });
  if (!done) return done;
  auto entries = scanner.finish();
  if (!entries) {
    findings.push_back({entries.error().text});
    return {};
  }
  compare_index(subject, about, *entries, findings);
  const auto end = missing_end_of(fd->get(), size);
  if (end.empty()) return {};
  findings.push_back({"the last message does not end in an empty line: a delivery was cut off there", repair});
  if (!repair) return {};
  if (::lseek(fd->get(), 0, SEEK_END) < 0) return mailbox::system_failure("cannot write to " + subject.inbox);
  done = mailbox::write_all(fd->get(), end);
  return done ? mailbox::sync_file(fd->get()) : done;
}

// Forgets the index, then logs in as a client would: the history and a new index come right by that.
Result<std::size_t> look_as_a_client(const Subject& subject, bool repair, std::vector<Finding>& findings) {
  if (repair) {
    ::unlink((subject.state + "/index").c_str());
    for (auto& finding : findings) finding.mended = finding.mended || finding.what.starts_with("the index");
  }
  auto drop = Maildrop::open(drop_options(subject));
  if (!drop && drop.error().is_busy()) return std::unexpected(std::move(drop).error());
  if (!drop) {
    const bool known = !findings.empty() && drop.error().text.ends_with(findings.back().what);
    if (!known) findings.push_back({drop.error().text});
    return 0;
  }
  return drop->size();
}

Result<std::size_t> examine(const Subject& subject, bool repair, std::vector<Finding>& findings) {
  if (exists(subject.state + "/journal.unfit")) {
    findings.push_back({"a removal's journal did not fit the mailbox and was set aside: " + subject.state +
                        "/journal.unfit"});
    if (repair) findings.back().mended = ::unlink((subject.state + "/journal.unfit").c_str()) == 0;
  }
  if (!subject.inbox.ends_with('/')) {
    if (auto done = look_at_mbox(subject, repair, findings); !done) return std::unexpected(std::move(done).error());
  }
  return look_as_a_client(subject, repair, findings);
}

}  // namespace

int check(const CommandLine& line, const mailbox::site::Config& config) {
  const auto subject = take_subject(line, 1, config);
  if (!subject) return complain(subject.error().text);
  std::vector<Finding> findings;
  const auto messages = examine(*subject, line.repair, findings);
  if (!messages) return complain(messages.error().text);
  bool left = false;
  auto list = ordered_json::array();
  for (const auto& finding : findings) {
    left = left || !finding.mended;
    list.push_back({{"finding", finding.what}, {"mended", finding.mended}});
    if (!line.json) std::printf("%s%s\n", finding.what.c_str(), finding.mended ? " (mended)" : "");
  }
  if (line.json) {
    const ordered_json all{{"user", subject->account.name},
                           {"inbox", subject->inbox},
                           {"messages", *messages},
                           {"findings", std::move(list)}};
    std::puts(all.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
  } else {
    std::printf("%s: %zu messages, %s\n", subject->inbox.c_str(), *messages,
                findings.empty() ? "nothing is wrong" : left ? "not all is well" : "all is well now");
  }
  return left ? kFindings : kFine;
}

int uidl(const CommandLine& line, const mailbox::site::Config& config) {
  if (line.words.size() > 1 && line.words[1] == "import") return import_uidls(line, config);
  if (line.words.size() < 2 || line.words[1] != "export")
    return complain("uidl export USER and uidl import USER [FILE] are what there is");
  const auto subject = take_subject(line, 2, config);
  if (!subject) return complain(subject.error().text);
  const auto drop = Maildrop::open(drop_options(*subject));
  if (!drop) return complain(drop.error().text);
  for (std::size_t i = 0; i < drop->size(); ++i) {
    const auto id = drop->uidl(i);
    if (line.json) {
      std::puts(ordered_json{{"number", i + 1}, {"octets", drop->octets(i)}, {"uidl", id}}.dump().c_str());
    } else {
      std::printf("%zu %s\n", i + 1, id.c_str());
    }
  }
  return std::fflush(stdout) == 0 ? kFine : kUnusable;
}

}  // namespace pop3d::admin
