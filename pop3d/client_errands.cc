// What the authenticator and workers do for a client: logins, files of a Maildir, and QUIT's removal.
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/epoll.h>

#include "pop3d/client.h"

namespace pop3d {
namespace {

using namespace std::chrono_literals;
using mailbox::MessageText;
using mailbox::UniqueFd;

constexpr auto kErrandTime = 90s;  // a login: in a queue, for another session (5 s) and a locked mailbox (20 s)
constexpr auto kLongTime = 24h;    // an update is never given up

// The drop as the session sees it; the client owns the list.
class ListView : public MessageList {
 public:
  explicit ListView(const DropList& list) : list_(list) {}
  std::size_t size() const override { return list_.size(); }
  std::uint64_t octets(std::size_t index) const override { return list_.octets(index); }
  std::string uidl(std::size_t index) const override { return list_.uidl(index); }

 private:
  const DropList& list_;
};

UniqueFd copy_of(const UniqueFd& fd) { return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); }

Code code_of(const std::string& name) {
  for (const auto code : {Code::Auth, Code::InUse, Code::SysTemp, Code::SysPerm})
    if (name == name_of(code)) return code;
  return Code::None;
}

}  // namespace

// --- errands ---

// Sends `letter` with the other end of a new channel. False: nobody takes it, and errand_broke() was told.
bool Client::open_errand(Errand errand, Letter letter) {
  close_errand();
  errand_ = errand;
  errand_until_ = now() + (errand == Errand::Commit ? kLongTime : kErrandTime);
  auto ends = make_channel();
  if (!ends) return errand_broke(), false;
  letter.fds.insert(letter.fds.begin(), std::move(ends->second));
  if (!send_letter(front_.authenticator.get(), letter)) return errand_broke(), false;
  errand_fd_ = std::move(ends->first);
  front_.loop.watch(errand_fd_.get(), errand_watched_, EPOLLIN, *this, kErrand);
  return true;
}

void Client::close_errand() {
  if (errand_fd_) front_.loop.watch(errand_fd_.get(), errand_watched_, 0, *this, kErrand);
  errand_fd_.reset();
  errand_ = Errand::None;
}

void Client::hear(Letter letter) {
  switch (letter.kind) {
    case Letter::Kind::Challenge:
      errand_ = Errand::None;
      login_user_ = letter.field(1);
      session_.challenged(letter.field(0));
      return proceed();
    case Letter::Kind::Verified:
      token_ = letter.field(0);
      login_user_ = letter.field(1);
      return;
    case Letter::Kind::Opened:
      if (errand_ == Errand::Login) opened(std::move(letter));
      return proceed();
    case Letter::Kind::File:
      if (errand_ != Errand::Fetch || letter.fds.empty()) return errand_broke();
      errand_ = Errand::None;
      retrieval_->file = letter.fd(0);
      begin_reading(retrieval_->file.get());
      return proceed();
    case Letter::Kind::Done:
      if (errand_ == Errand::Commit) committed(true, "");
      return proceed();
    case Letter::Kind::Refused:
    case Letter::Kind::Failed:
      if (errand_ == Errand::Login) return refused(letter);
      if (errand_ == Errand::Fetch) retrieval_failed(letter.field(letter.kind == Letter::Kind::Failed ? 0 : 1));
      if (errand_ == Errand::Commit) committed(false, letter.field(letter.kind == Letter::Kind::Failed ? 0 : 1));
      return proceed();
    default:
      return errand_broke();
  }
}

// Whoever was to do it is gone. A Maildir's worker goes by itself when it has had nothing to do.
void Client::errand_broke() {
  const auto errand = errand_;
  close_errand();
  switch (errand) {
    case Errand::None:
      return;
    case Errand::Login:
      return refused({Letter::Kind::Refused, {"SYS/TEMP", "no login is possible now", "broken", "", "final", "0"}});
    case Errand::Fetch:
      if (std::exchange(retrieval_->tried_again, true)) {
        retrieval_failed("nobody opens the mailbox");
      }
      return proceed();  // another one
    case Errand::Commit:
      committed(false, "the process that removes messages died");
      return proceed();
  }
}

// --- login ---

bool Client::perform(const Authenticate& asked) {
  login_began_ = now();
  login_user_ = asked.user;
  return open_errand(Errand::Login,
                     {Letter::Kind::Login, {"PLAIN", asked.user, asked.password, peer_.address, peer_.group}});
}

bool Client::perform(const Converse& asked) {
  if (asked.first) {
    login_began_ = now();
    login_user_.clear();
    return open_errand(Errand::Login, {Letter::Kind::Login,
                                       {std::string(name_of(asked.mechanism)), asked.message, "", peer_.address,
                                        peer_.group, stream_.exporter(), stream_.server_end_point()}});
  }
  errand_ = Errand::Login;
  if (!errand_fd_ || !send_letter(errand_fd_.get(), {Letter::Kind::Response, {asked.message}}, false)) errand_broke();
  return true;
}

void Client::refused(const Letter& letter) {
  close_errand();
  ++front_.counters.refused_logins;
  const auto code = code_of(letter.field(0));
  // What fail2ban looks for: the address stands before anything a client says.
  LogLine line("login-failed");
  line.add("address", peer_.address).add("user", letter.field(6).empty() ? login_user_ : letter.field(6));
  line.add("reason", letter.field(2));
  if (!letter.field(3).empty()) line.add("detail", letter.field(3));
  front_.log.write(code == Code::Auth ? Level::Warning : Level::Error, line);
  if (code == Code::Auth) ++front_.counters.wrong_passwords;
  // Counted from the beginning, so that the time tells nothing about how far the check went.
  errand_until_ = login_began_ + std::chrono::milliseconds(letter.number(5));
  refusal_ = Letter{letter.kind, letter.fields};
  if (errand_until_ <= now() || front_.stopping) return end_pause();
  proceed();
}

void Client::end_pause() {
  if (front_.stopping) session_.wind_up("shutdown");
  const auto letter = *std::exchange(refusal_, std::nullopt);
  session_.refused(code_of(letter.field(0)), letter.field(1), letter.field(4) == "final");
  proceed();
}

void Client::opened(Letter letter) {
  const bool is_mbox = letter.field(0) == "mbox";
  auto list = DropList::map(letter.fd(1).get(), is_mbox ? MessageText::Home::Mbox : MessageText::Home::Maildir);
  if (!list) {
    return refused({Letter::Kind::Refused,
                    {"SYS/TEMP", "the mailbox cannot be opened now", "mailbox", list.error().text, "final", "0"}});
  }
  lock_ = letter.fd(0);
  file_ = letter.fd(2);
  list_ = std::move(*list);
  errand_ = Errand::None;
  if (is_mbox) close_errand();
  ++front_.counters.logins;
  ++front_.counters.sessions;
  session_.authenticated(std::make_unique<ListView>(*list_), login_user_);
}

// --- messages ---

bool Client::perform(const Retrieve& asked) {
  retrieval_.emplace(Retrieval{.asked = asked});
  if (file_) begin_reading(file_.get());
  return true;
}

void Client::begin_reading(int file) { retrieval_->reader.emplace(list_->stored(retrieval_->asked.index, file)); }

// Asks the worker, or another one where that is gone.
bool Client::fetch_file() {
  if (!errand_fd_) {
    Letter letter{Letter::Kind::Resume, {token_, "fetch"}};
    letter.fds.push_back(copy_of(lock_));
    if (!open_errand(Errand::Fetch, std::move(letter))) return true;
  }
  errand_ = Errand::Fetch;
  errand_until_ = now() + kErrandTime;
  if (!send_letter(errand_fd_.get(), {Letter::Kind::Fetch, {list_->id(retrieval_->asked.index).bytes()}}, false))
    errand_broke();
  return true;
}

// Reads and sends one piece; the status goes first, as soon as there is anything to follow it.
bool Client::send_piece() {
  auto& retrieval = *retrieval_;
  if (!retrieval.reader) return fetch_file();
  front_.piece.clear();
  const auto more = retrieval.reader->step(front_.piece);
  if (!more) return retrieval_failed(more.error().text), true;
  if (!front_.piece.empty() || !*more) {
    if (!std::exchange(retrieval.status_is_out, true)) output_ += retrieval.asked.status;
    message_waits_ = true;
  }
  retrieval.octets += front_.piece.size();
  const bool enough = !retrieval.stuffer.add(front_.piece, output_);
  if (*more && !enough) return true;
  octets_ += retrieval.octets;
  retrieval.stuffer.finish(output_);
  retrieval_.reset();
  session_.retrieved();
  return true;
}

void Client::retrieval_failed(const std::string& why) {
  errand_ = Errand::None;
  front_.log.write(Level::Error, LogLine("mailbox-error").add("user", user()).add("detail", why));
  const bool status_is_out = retrieval_ && retrieval_->status_is_out;
  retrieval_.reset();
  session_.retrieval_failed(status_is_out);
}

// --- the end ---

// A client that could not take a message which it asked for must not lose it by the DELE it had sent ahead.
bool Client::begin_commit() {
  if (message_waits_ && !flush()) return false;
  const auto deleted = *std::exchange(commit_, std::nullopt);
  std::vector<MessageId> ids;
  for (std::size_t i = 0; i < deleted.size(); ++i) {
    if (!deleted[i]) continue;
    going_.push_back(i);
    ids.push_back(list_->id(i));
  }
  if (ids.empty()) {
    release_drop();
    session_.committed(true);
    return true;
  }
  auto file = seal_ids(ids);
  if (!file) return committed(false, file.error().text), true;
  Letter letter{Letter::Kind::Resume, {token_, "commit"}};
  letter.fds.push_back(std::move(lock_));  // the worker's now: when it is done the next session can begin
  letter.fds.push_back(std::move(*file));
  token_.clear();  // it is good for one QUIT
  open_errand(Errand::Commit, std::move(letter));
  return true;
}

void Client::committed(bool done, const std::string& why) {
  if (!done) {
    ++front_.counters.failed_updates;
    front_.log.write(Level::Error, LogLine("update-failed").add("user", user()).add("detail", why));
  }
  if (!done) going_.clear();
  for (const auto index : going_)
    front_.log.write(Level::Debug, LogLine("deleted").add("user", user()).add("uidl", list_->uidl(index)));
  release_drop();
  session_.committed(done);
}

void Client::release_drop() {
  close_errand();
  if (!token_.empty()) send_letter(front_.authenticator.get(), {Letter::Kind::Ended, {token_}});
  token_.clear();
  lock_.reset();
  file_.reset();
}

}  // namespace pop3d
