// What a POP3 session sees of an inbox: the messages that were there at login, frozen, and their removal at QUIT.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/maildrop.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "mailbox/drop.h"
#include "mailbox/foreign_uidls.h"
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "mailbox/uidl_history.h"

namespace mailbox {
namespace {

constexpr const char* kSession = "session";
constexpr int kOpenTries = 10;               // for an inbox that comes and goes
constexpr std::size_t kLongestHolder = 200;  // bytes of that file, which the account can write

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kLongestHolder));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  std::array<char, 32> text{};
  gmtime_r(&now, &utc);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

std::unexpected<Error> in_use(const std::string& state) {
  auto fd = open_private(AT_FDCWD, state + "/" + kSession, O_RDONLY);
  auto holder = fd ? read_bounded(fd->get(), kLongestHolder) : Result<std::string>();
  const auto line = holder ? holder->substr(0, holder->find('\n')) : std::string();
  return failure(ErrorKind::Busy, "mailbox in use by a session from " + (line.empty() ? "elsewhere" : printable(line)));
}

// The session lock, with our name in it.
Result<FileLock> begin_session(const Maildrop::Options& options) {
  auto lock = FileLock::take(AT_FDCWD, options.state + "/" + kSession, options.wait);
  if (!lock && lock.error().is_busy()) return in_use(options.state);
  if (!lock) return lock;
  const auto line = printable(options.peer) + " since " + utc_now() + "\n";
  if (ftruncate(lock->fd(), 0) != 0 || pwrite(lock->fd(), line.data(), line.size(), 0) < 0) {
    errno = 0;  // a full disk: the next one hears no name
  }
  return lock;
}

// An error where ids might be given twice: the history is there and cannot be read. `bases`: those that matter; null: all.
Result<UidlHistory> recall(const std::string& state, const BaseSet* bases) {
  auto last = last_cut_out(state);
  if (!last && last.error().is_permanent()) last = std::nullopt;
  if (!last) return std::unexpected(std::move(last).error());
  return bases ? UidlHistory::open_for(state, *last, *bases) : UidlHistory::open(state, *last);
}

// Gives every message of the drop its ordinal, and asks the history only about those that have none yet and those that
// are identical with one of these.
Result<void> give_ordinals(Drop& drop, const std::string& state) {
  const auto& messages = drop.messages();
  const auto inode = history_inode(state);
  const bool known = inode != 0 && inode == drop.history();
  std::vector<UidlBase> fresh;
  for (const auto& message : messages) {
    if (!known || message.ordinal == 0) fresh.push_back(message.base);
  }
  if (known && fresh.empty()) {
    drop.remember({}, inode);
    return {};
  }
  const bool all = fresh.size() == messages.size();
  const BaseSet wanted(all ? std::vector<UidlBase>() : std::move(fresh));
  auto history = recall(state, all ? nullptr : &wanted);
  if (!history) return std::unexpected(std::move(history).error());
  std::vector<UidlBase> bases;
  std::vector<std::uint32_t> ordinals;
  const auto is_asked = [&](const UidlBase& base) { return all || wanted.contains(base); };
  for (const auto& message : messages) {
    if (is_asked(message.base)) bases.push_back(message.base);
  }
  auto given = history->assign(bases, all ? nullptr : &wanted);
  auto next = given.begin();
  ordinals.reserve(messages.size());
  for (const auto& message : messages) ordinals.push_back(is_asked(message.base) ? *next++ : message.ordinal);
  // Not saved: ids may be given anew at the next login, to the same values. Then nothing may be remembered either.
  const bool saved = history->save().has_value();
  errno = 0;
  drop.remember(ordinals, saved ? history_inode(state) : 0);
  return {};
}

Error temporary(Error error) {
  if (error.kind == ErrorKind::NotFound) error.kind = ErrorKind::Temporary;
  return error;
}

// Null where there is no inbox: a missing one is an empty one, if its directory is there and no link leads nowhere; a
// spool that is not mounted is not empty.
Result<std::unique_ptr<Drop>> open_drop(const std::string& inbox, const std::string& state) {
  auto path = inbox;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  for (int attempt = 0;; ++attempt) {
    auto drop = inbox.ends_with('/') ? open_maildir_drop(inbox) : open_mbox_drop(inbox, state);
    if (drop || drop.error().code != ENOENT) return drop;
    struct stat about{};
    const bool is_there = lstat(path.c_str(), &about) == 0;
    if (!is_there && errno == ENOENT && open_parent(AT_FDCWD, path)) return nullptr;
    // The first message may have come just after we looked.
    if (!is_there || S_ISLNK(about.st_mode) || attempt >= kOpenTries) return drop;
  }
}

}  // namespace

struct Maildrop::State {
  FileLock session;
  std::string state;
  std::unique_ptr<Drop> drop;  // none: there is no inbox
  ForeignUidls foreign;
  std::vector<Entry> entries;
};

Maildrop::Maildrop(std::unique_ptr<State> state) : state_(std::move(state)) {}
Maildrop::Maildrop(Maildrop&&) noexcept = default;
Maildrop& Maildrop::operator=(Maildrop&&) noexcept = default;
Maildrop::~Maildrop() = default;

Result<Maildrop> Maildrop::open(const Options& options) {
  auto session = begin_session(options);
  if (!session) return std::unexpected(temporary(std::move(session).error()));
  return open_locked(options, std::move(*session));
}

Result<Maildrop> Maildrop::resume(const Options& options, UniqueFd session) {
  auto lock = FileLock::adopt(std::move(session), AT_FDCWD, options.state + "/" + kSession);
  if (!lock) return std::unexpected(std::move(lock).error());
  return open_locked(options, std::move(*lock));
}

Result<Maildrop> Maildrop::open_locked(const Options& options, FileLock session) {
  auto drop = open_drop(options.inbox, options.state);
  if (!drop) return std::unexpected(temporary(std::move(drop).error()));
  // Without an inbox the history stays as it is: should the file come back, its messages are the same.
  auto done = *drop ? give_ordinals(**drop, options.state) : Result<void>();
  if (!done) return std::unexpected(temporary(std::move(done).error()));
  auto foreign = ForeignUidls::read(options.state);
  if (!foreign) return std::unexpected(temporary(std::move(foreign).error()));
  return Maildrop(std::make_unique<State>(
      State{std::move(session), options.state, std::move(*drop), std::move(*foreign), {}}));
}

std::size_t Maildrop::size() const { return state_->drop ? state_->drop->messages().size() : 0; }

std::uint64_t Maildrop::octets(std::size_t index) const { return state_->drop->messages().at(index).octets; }

std::string Maildrop::uidl(std::size_t index) const {
  const auto message = place(index);
  return message.foreign.empty() ? uidl_text(message.base, message.ordinal) : std::string(message.foreign);
}

const std::vector<Maildrop::Entry>& Maildrop::entries() const {
  auto& entries = state_->entries;
  entries.reserve(size());
  while (entries.size() < size()) entries.push_back({octets(entries.size()), uidl(entries.size())});
  return entries;
}

Result<void> Maildrop::fetch(std::size_t index, const Sink& sink) const {
  if (index >= size()) return failure(ErrorKind::Permanent, "there is no such message");
  return state_->drop->fetch(index, sink);
}

// An inbox that is missing has no messages, so nobody asks how they lie.
MessageText::Home Maildrop::home() const { return state_->drop ? state_->drop->home() : MessageText::Home::Mbox; }

Maildrop::Place Maildrop::place(std::size_t index) const {
  const auto& message = state_->drop->messages().at(index);
  const auto* foreign = state_->foreign.find(message.base, message.ordinal);
  return {message.offset, message.size,    message.octets,
          message.base,   message.ordinal, foreign != nullptr ? std::string_view(*foreign) : std::string_view()};
}

std::string Maildrop::file_name(std::size_t index) const { return state_->drop->file_name(index); }

Result<UniqueFd> Maildrop::open_file_of(std::size_t index) const {
  if (index >= size()) return failure(ErrorKind::Permanent, "there is no such message");
  return state_->drop->open_file_of(index);
}

Result<UniqueFd> Maildrop::share_session() const {
  UniqueFd copy(fcntl(state_->session.fd(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return system_failure("cannot share the session's lock");
  return copy;
}

Result<void> Maildrop::remove(const std::vector<bool>& deleted) {
  auto wanted = deleted;
  wanted.resize(size());
  std::vector<GivenUidl> gone;
  std::vector<UidlBase> bases;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    const auto& message = state_->drop->messages()[i];
    gone.push_back({message.base, message.ordinal});
    bases.push_back(message.base);
  }
  if (gone.empty()) return {};
  const BaseSet those(std::move(bases));
  auto history = recall(state_->state, &those);
  if (!history) return std::unexpected(temporary(std::move(history).error()));
  return state_->drop->remove(wanted, history->note(gone), [&]() -> std::uint64_t {
    // The last first: the list of identical messages then shrinks from its end.
    for (auto id = gone.rbegin(); id != gone.rend(); ++id) history->remove(id->base, id->ordinal);
    if (history->save()) return history_inode(state_->state);
    errno = 0;
    return 0;  // the next login sees for itself what is gone
  });
}

}  // namespace mailbox
