// A worker: becomes the account, and only then touches its mailbox.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/worker.h"

#include <poll.h>
#include <unistd.h>

#include <charconv>
#include <map>

#include "mailbox/maildrop.h"
#include "mailbox/site/account.h"
#include "mailbox/state_dir.h"
#include "pop3d/drop_list.h"
#include "pop3d/reply.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::Error;
using mailbox::ErrorKind;
using mailbox::failure;
using mailbox::Maildrop;
using mailbox::Result;
using mailbox::UniqueFd;
using mailbox::site::Account;
using mailbox::site::Config;

constexpr auto kSessionWait = 5000ms;  // for another session of the mailbox (CONTRACT.md 7)
constexpr auto kIdleTime = 10s;        // a Maildir's worker with nothing to do

std::optional<std::uint32_t> id_of(const std::string& text) {
  std::uint32_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  return !text.empty() && read.ec == std::errc() ? std::optional(id) : std::nullopt;
}

// "login", the peer, then the account.
Account account_of(const Letter& order) {
  return {.name = order.field(2), .uid = id_of(order.field(3)), .gid = id_of(order.field(4)), .home = order.field(5)};
}

Letter refusal(Code code, std::string text, std::string reason, std::string detail) {
  return {Letter::Kind::Refused,
          {std::string(name_of(code)), std::move(text), std::move(reason), std::move(detail), "final", "0"}};
}

// After a right password: not for root, and as root only for somebody (CONTRACT.md 2).
Letter refuse_rights(const Error& error) {
  if (error.is_permanent()) return refusal(Code::SysPerm, "this account cannot be served", "rights", error.text);
  return refusal(Code::SysTemp, "the account cannot be served now", "rights", error.text);
}

Letter refuse_mailbox(const Error& error) {
  if (error.is_busy()) return refusal(Code::InUse, error.text, "in-use", error.text);
  return refusal(Code::SysTemp, "the mailbox cannot be opened now", "mailbox", error.text);
}

// What become() would say, asked before a state directory is made.
Result<void> may_be_served(const Account& account) {
  const bool served =
      ::geteuid() == 0 ? account.uid && *account.uid != 0 && account.gid : !account.uid || *account.uid == ::geteuid();
  if (!served) return failure(ErrorKind::Permanent, "its uid");
  return {};
}

// The worker's options for its mailbox, once it is the account; or what the client is to hear.
std::expected<Maildrop::Options, Letter> become_owner(const Config& config, const Letter& order) {
  const auto account = account_of(order);
  if (const auto may = may_be_served(account); !may) return std::unexpected(refuse_rights(may.error()));
  const auto state = mailbox::ensure_state(config.state_dir, account.name, account.uid, account.gid);
  if (!state) return std::unexpected(refuse_mailbox(state.error()));
  if (const auto done = mailbox::site::become(account, config.accounts_source); !done)
    return std::unexpected(refuse_rights(done.error()));
  return Maildrop::Options{.inbox = mailbox::site::expand(config.mail_inbox, account),
                           .state = *state,
                           .peer = order.field(1),
                           .wait = kSessionWait};
}

Result<Letter> describe(const Maildrop& drop) {
  const bool is_mbox = drop.home() == mailbox::MessageText::Home::Mbox;
  Letter letter{Letter::Kind::Opened, {is_mbox ? "mbox" : "maildir"}};
  auto lock = drop.share_session();
  if (!lock) return std::unexpected(lock.error());
  auto list = seal_list(drop);
  if (!list) return std::unexpected(list.error());
  letter.fds.push_back(std::move(*lock));
  letter.fds.push_back(std::move(*list));
  if (!is_mbox || drop.entries().empty()) return letter;
  auto file = drop.open_file_of(0);
  if (!file) return std::unexpected(file.error());
  letter.fds.push_back(std::move(*file));
  return letter;
}

using Places = std::map<MessageId, std::size_t>;

Places places_of(const Maildrop& drop) {
  Places places;
  for (std::size_t i = 0; i < drop.entries().size(); ++i) {
    const auto place = drop.place(i);
    places.emplace(MessageId{place.base, place.ordinal}, i);
  }
  return places;
}

// Hands out files of a Maildir until the front has gone, or has asked for nothing for a while.
void serve_files(int errand, const Maildrop& drop) {
  const auto places = places_of(drop);
  pollfd polled{errand, POLLIN, 0};
  while (::poll(&polled, 1, static_cast<int>(std::chrono::milliseconds(kIdleTime).count())) > 0) {
    const auto letter = receive_letter(errand);
    if (!letter) return;
    if (!*letter || (*letter)->kind != Letter::Kind::Fetch) continue;
    const auto place = places.find(MessageId::from_bytes((*letter)->field(0)));
    auto file = place == places.end() ? failure(ErrorKind::Temporary, "another program removed the message")
                                      : drop.open_file_of(place->second);
    Letter answer{file ? Letter::Kind::File : Letter::Kind::Failed};
    if (file) answer.fds.push_back(std::move(*file));
    if (!file) answer.fields.push_back(file.error().text);
    if (!send_letter(errand, answer)) return;
  }
}

void log_in(int errand, const Maildrop::Options& options) {
  auto drop = Maildrop::open(options);
  auto letter = drop ? describe(*drop) : Result<Letter>(std::unexpected(drop.error()));
  if (!letter) letter = refuse_mailbox(letter.error());
  const bool stays = letter->kind == Letter::Kind::Opened && letter->field(0) != "mbox";
  if (!send_letter(errand, *letter) || !stays) return;
  letter->fds.clear();
  serve_files(errand, *drop);
}

// All of `ids`, or nothing. Of a Maildir what is gone already is gone as it was to be; an mbox in which a message is
// not found has been rewritten.
Result<void> remove(Maildrop& drop, const std::vector<MessageId>& ids) {
  const auto places = places_of(drop);
  std::vector<bool> deleted(drop.entries().size());
  for (const auto& id : ids) {
    const auto place = places.find(id);
    if (place != places.end()) {
      deleted[place->second] = true;
    } else if (drop.home() == mailbox::MessageText::Home::Mbox) {
      return failure(ErrorKind::Temporary,
                     "another program changed the mailbox: messages are not what they were at login");
    }
  }
  return drop.remove(deleted);
}

Result<void> commit(const Maildrop::Options& options, UniqueFd lock, int ids) {
  const auto wanted = read_ids(ids);
  if (!wanted) return std::unexpected(wanted.error());
  auto drop = Maildrop::resume(options, std::move(lock));
  if (!drop) return std::unexpected(drop.error());
  return remove(*drop, *wanted);
}

}  // namespace

void run_worker(const Config& config, Letter order) {
  const auto errand = order.fd(0);
  const auto& deed = order.field(0);
  const auto options = become_owner(config, order);
  if (!options) {
    send_letter(errand.get(), options.error());
  } else if (deed == "login") {
    log_in(errand.get(), *options);
  } else if (deed == "fetch") {
    const auto drop = Maildrop::resume(*options, order.fd(1));
    if (drop) return serve_files(errand.get(), *drop);
    send_letter(errand.get(), {Letter::Kind::Failed, {drop.error().text}});
  } else if (deed == "commit") {
    // The drop and its lock are gone before the client hears of it: it may log in again at once.
    const auto done = commit(*options, order.fd(1), order.fd(2).get());
    send_letter(errand.get(), done ? Letter{Letter::Kind::Done} : Letter{Letter::Kind::Failed, {done.error().text}});
  }
}

}  // namespace pop3d
