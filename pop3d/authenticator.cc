// The authenticator: alone sees secrets, and alone orders workers.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/authenticator.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <signal.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "mailbox/site/keys.h"
#include "mailbox/site/passwd_file.h"
#include "mailbox/site/secret.h"
#include "pop3d/base64.h"
#include "pop3d/checker.h"
#include "pop3d/confine.h"
#include "pop3d/process.h"
#include "pop3d/reply.h"

namespace pop3d {
namespace {

using mailbox::UniqueFd;

constexpr std::size_t kMostCheckers = 8;     // passwords that are tried at once
constexpr std::size_t kMostWaiting = 10000;  // logins in the queue before them
constexpr unsigned kMostChecks = 10000;      // by one checker: what a PAM module leaks has an end
constexpr std::size_t kTokenSize = 16;
constexpr auto kDialogueTime = std::chrono::minutes(2);

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size)) != 1) bytes.clear();
  return bytes;
}

}  // namespace

// One checker, and whose password it tries.
class Authenticator::Checker final : public EventLoop::Watcher {
 public:
  Checker(Authenticator& owner, UniqueFd channel) : owner_(owner), channel_(std::move(channel)) {
    owner_.loop_.watch(channel_.get(), watched_, EPOLLIN, *this, 0);
  }
  bool is_free() const { return !attempt_ && !is_spent(); }
  bool is_spent() const { return checks_ >= kMostChecks || broken_ || (retired_ && !attempt_); }
  void retire() { retired_ = true; }
  void take(Attempt attempt) {
    ++checks_;
    attempt_ = std::move(attempt);
    const auto salt = attempt_->scram ? owner_.salt_of(attempt_->user) : std::string();
    const Letter check{Letter::Kind::Check, {attempt_->user, attempt_->password, attempt_->address, salt}};
    if (!send_letter(channel_.get(), check)) broke();
  }
  void ready(unsigned, std::uint32_t) override {
    auto letter = receive_letter(channel_.get());
    if (!letter) return broke();
    if (!*letter || !attempt_) return;
    auto attempt = *std::exchange(attempt_, std::nullopt);
    owner_.judge(std::move(attempt), **letter);
    owner_.assign();
  }
  void expired() override {}

 private:
  void broke() {
    broken_ = true;
    owner_.loop_.watch(channel_.get(), watched_, 0, *this, 0);
    if (attempt_)
      owner_.judge(*std::exchange(attempt_, std::nullopt), {Letter::Kind::Verdict, {"error", "a password check died"}});
    owner_.assign();
  }

  Authenticator& owner_;
  UniqueFd channel_;
  std::uint32_t watched_ = 0;
  std::optional<Attempt> attempt_;
  unsigned checks_ = 0;
  bool broken_ = false;
  bool retired_ = false;
};

// The channel from one front.
class Authenticator::Door final : public EventLoop::Watcher {
 public:
  Door(Authenticator& owner, UniqueFd channel) : owner_(owner), channel_(std::move(channel)) {
    owner_.loop_.watch(channel_.get(), watched_, EPOLLIN, *this, 0);
  }
  void tell(const Letter& letter) { send_letter(channel_.get(), letter); }
  void ready(unsigned, std::uint32_t) override {
    auto letter = receive_letter(channel_.get());
    if (!letter) owner_.ended_ = true;
    if (letter && *letter) owner_.hear_front(std::move(**letter));
  }
  void expired() override {}

 private:
  Authenticator& owner_;
  UniqueFd channel_;
  std::uint32_t watched_ = 0;
};

int run_authenticator(UniqueFd starter, std::vector<UniqueFd> fronts) {
  ::signal(SIGCHLD, SIG_IGN);  // checkers are not waited for
  hide_memory();
  return Authenticator(std::move(starter), std::move(fronts)).run();
}

Authenticator::Authenticator(UniqueFd starter, std::vector<UniqueFd> fronts)
    : starter_(std::move(starter)), key_(random_bytes(32)) {
  for (auto& front : fronts) doors_.push_back(std::make_unique<Door>(*this, std::move(front)));
}

int Authenticator::run() {
  if (!loop_.works() || key_.empty()) return 1;
  loop_.watch(starter_.get(), starter_watched_, EPOLLIN, *this, 0);
  while (!ended_) loop_.turn();
  return 0;
}

void Authenticator::ready(unsigned, std::uint32_t) {
  auto letter = receive_letter(starter_.get());
  if (!letter) ended_ = true;
  if (letter && *letter) hear_starter(std::move(**letter));
}

void Authenticator::hear_starter(Letter letter) {
  if (letter.kind == Letter::Kind::Setting) {
    const auto* key = mailbox::site::find_key(letter.field(0));
    if (key != nullptr && !key->is_repeatable()) mailbox::site::assign(draft_, *key, {letter.field(1)});
  }
  if (letter.kind != Letter::Kind::Apply) return;
  config_ = std::exchange(draft_, {});
  for (auto& checker : checkers_) checker->retire();
  accounts_ = {};
  configured_ = true;
  look_at_accounts();
  assign();
  send_letter(starter_.get(), {Letter::Kind::Applied});
}

void Authenticator::hear_front(Letter letter) {
  switch (letter.kind) {
    case Letter::Kind::Login:
      return log_in(std::move(letter));
    case Letter::Kind::Resume:
      return resume(std::move(letter));
    case Letter::Kind::Ended:
      logins_.erase(letter.field(0));
      return;
    default:
      return;
  }
}

// --- passwords ---

void Authenticator::log_in(Letter letter) {
  look_at_accounts();
  Attempt attempt{letter.field(1), letter.field(2), letter.field(3), letter.field(4), letter.fd(0)};
  const auto mechanism = find_mechanism(letter.field(0)).value_or(Mechanism::Plain);
  if (!carries_password(mechanism)) {
    attempt.scram = std::make_unique<ScramServer>(mechanism, ChannelBindings{letter.field(5), letter.field(6)},
                                                  to_base64(random_bytes(kTokenSize)));
    const bool understood = attempt.scram->take_first(attempt.user);
    attempt.user = attempt.scram->user();
    if (!understood) return wrong(attempt);
  }
  if (penalties_.is_blocked(attempt.network, attempt.user, loop_.now())) {
    return refuse(attempt, {"SYS/TEMP", "too many wrong passwords; try again later", "blocked", "", "", "0"});
  }
  if (waiting_.size() >= kMostWaiting) return;  // the errand breaks
  waiting_.push_back(std::move(attempt));
  assign();
}

// Gives waiting logins to free checkers, of which there are as many as are needed. The first clients may be quicker
// than the first configuration.
void Authenticator::assign() {
  for (auto& checker : checkers_)
    if (checker->is_spent()) loop_.bury(std::move(checker));
  std::erase(checkers_, nullptr);
  while (configured_ && !waiting_.empty()) {
    auto free = std::ranges::find_if(checkers_, [](const auto& checker) { return checker->is_free(); });
    if (free == checkers_.end()) {
      if (checkers_.size() >= kMostCheckers) return;
      auto started = start_checker();
      if (!started) return;
      free = checkers_.insert(checkers_.end(), std::move(started));
    }
    auto attempt = std::move(waiting_.front());
    waiting_.pop_front();
    (*free)->take(std::move(attempt));
  }
}

std::unique_ptr<Authenticator::Checker> Authenticator::start_checker() {
  auto ends = make_channel();
  if (!ends) return nullptr;
  std::vector<UniqueFd> kept;
  kept.push_back(std::move(ends->second));
  const auto pid = start_process("pop3d-checker", std::move(kept), [this](std::vector<UniqueFd> fds) {
    ::signal(SIGCHLD, SIG_DFL);  // modules of PAM wait for helpers
    run_checker(config_, fds[0]);
    return 0;
  });
  return pid < 0 ? nullptr : std::make_unique<Checker>(*this, std::move(ends->first));
}

void Authenticator::judge(Attempt attempt, const Letter& verdict) {
  if (verdict.field(0) == "error") {
    return refuse(attempt, {"SYS/TEMP", "accounts cannot be looked up now", "lookup", verdict.field(1), "", "0"});
  }
  if (attempt.scram) return begin_dialogue(std::move(attempt), verdict);
  if (verdict.field(0) == "yes") return verified(std::move(attempt), verdict);
  wrong(attempt);
}

void Authenticator::wrong(const Attempt& attempt) {
  const auto delay = penalties_.wrong(attempt.network, attempt.user, fingerprint(attempt), loop_.now());
  refuse(attempt, {"AUTH", "wrong user or password", "credentials", "", "", std::to_string(delay.count())});
}

void Authenticator::refuse(const Attempt& attempt, std::vector<std::string> fields) {
  fields.push_back(attempt.user);
  send_letter(attempt.errand.get(), {Letter::Kind::Refused, std::move(fields)}, false);
}

void Authenticator::verified(Attempt attempt, const Letter& verdict) {
  penalties_.right(attempt.network, attempt.user, loop_.now());
  const auto token = random_bytes(kTokenSize);
  const Account account{verdict.field(1), verdict.field(2), verdict.field(3), verdict.field(4), attempt.address};
  if (token.empty() || !send_letter(attempt.errand.get(), {Letter::Kind::Verified, {token, account.name}}, false))
    return;
  logins_[token] = account;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(attempt.errand));
  order("login", account, std::move(fds));
}

// A keyed digest: of no use to whoever reads it without the key.
std::string Authenticator::keyed(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

// SCRAM tells no two attempts with the same password apart from two with different ones: each counts.
std::uint64_t Authenticator::fingerprint(const Attempt& attempt) const {
  const auto digest =
      attempt.scram ? random_bytes(sizeof(std::uint64_t)) : keyed(attempt.user + '\0' + attempt.password);
  std::uint64_t number = 0;
  if (digest.size() >= sizeof number) std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

// --- SCRAM ---

// A client that is being talked to; the front carries what is said.
class Authenticator::Dialogue final : public EventLoop::Watcher {
 public:
  Dialogue(Authenticator& owner, Attempt attempt, Letter verdict)
      : owner_(owner), attempt_(std::move(attempt)), verdict_(std::move(verdict)) {}

  void begin() {
    owner_.loop_.watch(attempt_.errand.get(), watched_, EPOLLIN, *this, 0);
    owner_.loop_.set_timer(*this, owner_.loop_.now() + kDialogueTime);
    ScramKeys keys{verdict_.field(5), static_cast<unsigned>(verdict_.number(6)), verdict_.field(7), verdict_.field(8)};
    // Nobody has a salt, too, always the same, and keys that fit no password.
    if (!is_somebody())
      keys = {owner_.salt_of(attempt_.user), ScramKeys().iterations, random_bytes(32), random_bytes(32)};
    say(attempt_.scram->challenge(keys));
  }
  void ready(unsigned, std::uint32_t) override {
    const auto letter = receive_letter(attempt_.errand.get());
    if (!letter) return end();
    if (!*letter || (*letter)->kind != Letter::Kind::Response) return;
    if (proven_) {
      stop_watching();
      owner_.verified(std::move(attempt_), verdict_);
      return end();
    }
    const auto proof = attempt_.scram->take_final((*letter)->field(0));
    if (!proof || !is_somebody()) {
      owner_.wrong(attempt_);
      return end();
    }
    proven_ = true;
    say(*proof);
  }
  void expired() override { end(); }

 private:
  bool is_somebody() const { return verdict_.field(0) == "yes"; }
  void say(const std::string& message) {
    if (!send_letter(attempt_.errand.get(), {Letter::Kind::Challenge, {message, attempt_.user}}, false)) end();
  }
  void stop_watching() { owner_.loop_.watch(attempt_.errand.get(), watched_, 0, *this, 0); }
  void end() {
    stop_watching();
    const auto self = owner_.dialogues_.find(this);
    if (self == owner_.dialogues_.end()) return;
    owner_.loop_.bury(std::move(self->second));
    owner_.dialogues_.erase(self);
  }

  Authenticator& owner_;
  Attempt attempt_;
  Letter verdict_;
  std::uint32_t watched_ = 0;
  bool proven_ = false;
};

void Authenticator::begin_dialogue(Attempt attempt, const Letter& verdict) {
  auto dialogue = std::make_unique<Dialogue>(*this, std::move(attempt), Letter{verdict.kind, verdict.fields});
  auto& begun = *dialogue;
  dialogues_.emplace(&begun, std::move(dialogue));
  begun.begin();
}

std::string Authenticator::salt_of(const std::string& user) const { return keyed("salt" + user).substr(0, kTokenSize); }

// SCRAM is offered where it can be used: a client that prefers it would fail with an account that has a hash only.
void Authenticator::look_at_accounts() {
  struct stat now{};
  bool can = false;
  if (config_.accounts_source == mailbox::site::AccountSource::File) {
    if (::stat(config_.accounts_file.c_str(), &now) != 0) return;
    const bool same = mailbox::same_file(now, accounts_) && now.st_size == accounts_.st_size &&
                      now.st_mtim.tv_sec == accounts_.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == accounts_.st_mtim.tv_nsec;
    if (same) return;
    const auto file = mailbox::site::PasswdFile::read(config_.accounts_file);
    can = file && file->all_secrets(mailbox::site::can_scram);
  }
  accounts_ = now;
  if (std::exchange(scram_, can) == can) return;
  for (auto& door : doors_) door->tell({Letter::Kind::Scram, {can ? "yes" : ""}});
}

// --- workers ---

// Another worker for a login that is not over; for a QUIT the last one.
void Authenticator::resume(Letter letter) {
  const auto login = logins_.find(letter.field(0));
  const auto& deed = letter.field(1);
  if (login == logins_.end() || (deed != "fetch" && deed != "commit")) {
    const auto errand = letter.fd(0);
    send_letter(errand.get(), {Letter::Kind::Failed, {"there is no such login"}}, false);
    return;
  }
  const auto account = login->second;
  if (deed == "commit") logins_.erase(login);
  order(deed, account, std::move(letter.fds));
}

void Authenticator::order(const std::string& deed, const Account& account, std::vector<UniqueFd> fds) {
  Letter letter{Letter::Kind::Order, {deed, account.peer, account.name, account.uid, account.gid, account.home}};
  letter.fds = std::move(fds);
  if (!send_letter(starter_.get(), letter)) ended_ = true;
}

}  // namespace pop3d
