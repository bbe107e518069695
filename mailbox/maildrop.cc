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
#include "mailbox/journal.h"
#include "mailbox/lock.h"
#include "mailbox/uidl_history.h"

namespace mailbox {
namespace {

constexpr const char* kSession = "session";
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

// An error where ids might be given twice: the history is there and cannot be read.
Result<UidlHistory> recall(const std::string& state) {
  auto last = last_cut_out(state);
  if (!last && last.error().is_permanent()) last = std::nullopt;
  if (!last) return std::unexpected(std::move(last).error());
  return UidlHistory::open(state, *last);
}

Error temporary(Error error) {
  if (error.kind == ErrorKind::NotFound) error.kind = ErrorKind::Temporary;
  return error;
}

// A missing inbox is an empty one, if its directory is there and no link leads nowhere: a spool that is not mounted is
// not empty.
bool is_just_missing(const std::string& inbox, const Error& error) {
  auto path = inbox;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  struct stat about{};
  return error.code == ENOENT && lstat(path.c_str(), &about) != 0 && errno == ENOENT && open_parent(AT_FDCWD, path);
}

}  // namespace

struct Maildrop::State {
  FileLock session;
  std::unique_ptr<Drop> drop;
  std::vector<Drop::Message> messages;
  std::vector<std::uint32_t> ordinals;
  std::vector<Entry> entries;
  std::optional<UidlHistory> history;
};

Maildrop::Maildrop(std::unique_ptr<State> state) : state_(std::move(state)) {}
Maildrop::Maildrop(Maildrop&&) noexcept = default;
Maildrop& Maildrop::operator=(Maildrop&&) noexcept = default;
Maildrop::~Maildrop() = default;

Result<Maildrop> Maildrop::open(const Options& options) {
  auto session = begin_session(options);
  if (!session) return std::unexpected(temporary(std::move(session).error()));
  auto drop =
      options.inbox.ends_with('/') ? open_maildir_drop(options.inbox) : open_mbox_drop(options.inbox, options.state);
  if (!drop && is_just_missing(options.inbox, drop.error())) {
    // The history stays as it is: should the file come back, its messages are the same.
    return Maildrop(std::make_unique<State>(State{std::move(*session), nullptr, {}, {}, {}, std::nullopt}));
  }
  if (!drop) return std::unexpected(temporary(std::move(drop).error()));
  auto history = recall(options.state);
  if (!history) return std::unexpected(temporary(std::move(history).error()));
  auto state = std::make_unique<State>(State{std::move(*session), std::move(*drop), {}, {}, {}, std::move(*history)});
  state->messages = state->drop->messages();
  std::vector<UidlBase> bases;
  bases.reserve(state->messages.size());
  for (const auto& message : state->messages) bases.push_back(message.base);
  state->ordinals = state->history->assign(bases);
  state->entries.reserve(bases.size());
  for (std::size_t i = 0; i < bases.size(); ++i) {
    state->entries.push_back({state->messages[i].octets, uidl_text(bases[i], state->ordinals[i])});
  }
  if (!state->history->save()) errno = 0;  // kept for the next try: remove(), or the next login
  return Maildrop(std::move(state));
}

const std::vector<Maildrop::Entry>& Maildrop::entries() const { return state_->entries; }

Result<void> Maildrop::fetch(std::size_t index, const Sink& sink) const {
  if (index >= state_->entries.size()) return failure(ErrorKind::Permanent, "there is no such message");
  return state_->drop->fetch(index, sink);
}

Result<void> Maildrop::remove(const std::vector<bool>& deleted) {
  auto wanted = deleted;
  wanted.resize(state_->entries.size());
  std::vector<GivenUidl> gone;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) gone.push_back({state_->messages[i].base, state_->ordinals[i]});
  }
  if (gone.empty()) return {};
  auto done = state_->drop->remove(wanted, state_->history->note(gone));
  if (!done) return done;
  // The last first: the list of identical messages then shrinks from its end.
  for (auto id = gone.rbegin(); id != gone.rend(); ++id) state_->history->remove(id->base, id->ordinal);
  if (!state_->history->save()) errno = 0;  // the next login sees for itself what is gone
  return {};
}

}  // namespace mailbox
