// What a session says before login: capabilities, TLS, passwords and SASL.
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "pop3d/base64.h"
#include "pop3d/session.h"

namespace pop3d {

// RFC 2449 section 6. Only what would be obeyed now; after login neither USER, SASL nor STLS is of use.
void Session::capa(const Command&) {
  output_ += ok("capabilities follow");
  if (state_ == State::Authorization) {
    if (takes_passwords()) output_ += "USER\r\n";
    if (const auto mechanisms = usable_mechanisms(" "); !mechanisms.empty()) output_ += "SASL" + mechanisms + "\r\n";
    if (settings_.offers_tls && !settings_.is_secure) output_ += "STLS\r\n";
  }
  output_ +=
      "TOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nUTF8\r\nLANG\r\nEXPIRE NEVER\r\n"
      "IMPLEMENTATION Sluice\r\n.\r\n";
}

// RFC 6856. Mail goes out as it lies here, so there is nothing to switch; clients say it before and after login.
void Session::utf8(const Command&) { output_ += ok("UTF-8 it is"); }

// Our words are English, whatever is asked for.
void Session::lang(const Command& command) {
  if (command.text.empty()) {
    output_ += ok("languages follow") + "en English\r\n.\r\n";
  } else if (command.text == "*" || command.text == "i-default" || command.text == "en" ||
             command.text.starts_with("en-")) {
    output_ += ok("en English it is");
  } else {
    probe("this language is not spoken here");
  }
}

void Session::stls(const Command&) {
  if (!settings_.offers_tls) return probe("STLS is not offered");
  if (settings_.is_secure) return mistake("TLS is on already");
  output_ += ok("begin TLS");
  request_ = StartTls{};
}

void Session::secured() {
  settings_.is_secure = true;
  input_.clear();
  user_.clear();
}

// --- names and passwords ---

void Session::user(const Command& command) {
  if (!takes_passwords()) return mistake("a password is not accepted in cleartext here");
  user_ = command.text;
  output_ += ok("send the password");  // whether there is such a user or not
}

void Session::pass(const Command& command) {
  if (!takes_passwords()) return mistake("a password is not accepted in cleartext here");
  if (user_.empty()) return mistake("USER first");
  request_ = Authenticate{user_, std::string(command.text)};
}

// --- SASL ---

bool Session::is_usable(Mechanism mechanism) const {
  switch (mechanism) {
    case Mechanism::Plain:
    case Mechanism::Login:
      return takes_passwords();
    case Mechanism::ScramSha256:
      return settings_.scram;
    case Mechanism::ScramSha256Plus:
      return settings_.scram && settings_.is_secure;
  }
  return false;
}

std::string Session::usable_mechanisms(std::string_view separator) const {
  std::string names;
  for (const auto mechanism : kMechanisms)
    if (is_usable(mechanism)) names.append(separator).append(name_of(mechanism));
  return names;
}

void Session::auth(const Command& command) {
  const auto blank = command.text.find(' ');
  const auto mechanism = find_mechanism(command.text.substr(0, blank));
  if (command.text.empty()) {  // RFC 1734's way to ask, as Outlook does
    const auto names = usable_mechanisms("\r\n");
    output_ += ok("mechanisms follow") + (names.empty() ? "" : names.substr(2) + "\r\n") + ".\r\n";
    return;
  }
  if (!mechanism || !is_usable(*mechanism)) return probe("this mechanism is not offered");
  dialogue_.emplace(*mechanism, PasswordExchange(*mechanism));
  if (blank != command.text.npos) return answer(command.text.substr(blank + 1));
  challenge(dialogue_->password.challenge());
}

void Session::challenge(std::string_view message) {
  output_ += "+ " + to_base64(message) + "\r\n";
  input_.set_longest(kLongestResponse);
}

void Session::end_dialogue() {
  dialogue_.reset();
  input_.set_longest(kLongestLine);
}

void Session::answer(std::string_view line) {
  const auto message = line == "=" ? std::string() : from_base64(line);
  if (line == "*") {
    end_dialogue();
    return probe("as you like");
  }
  if (!message) {
    end_dialogue();
    return mistake("this is no base64");
  }
  if (!carries_password(dialogue_->mechanism)) {
    request_ = Converse{dialogue_->mechanism, !std::exchange(dialogue_->has_begun, true), *message};
    return;
  }
  switch (dialogue_->password.take(*message)) {
    case PasswordExchange::Step::More:
      return challenge(dialogue_->password.challenge());
    case PasswordExchange::Step::Malformed:
      end_dialogue();
      return mistake("this answer does not fit the mechanism");
    case PasswordExchange::Step::Complete:
      request_ = Authenticate{dialogue_->password.user(), dialogue_->password.password()};
      return end_dialogue();
  }
}

void Session::challenged(std::string_view message) {
  if (dialogue_) challenge(message);
}

void Session::authenticated(std::unique_ptr<MessageList> list, std::string_view user) {
  end_dialogue();
  state_ = State::Transaction;
  messages_ = std::move(list);
  errors_ = 0;
  deleted_.assign(messages_->size(), false);
  for (std::size_t i = 0; i < messages_->size(); ++i) all_octets_ += messages_->octets(i);
  octets_ = all_octets_;
  user_ = std::string();
  summary_.user = user;
  summary_.messages = messages_->size();
  output_ += ok(std::to_string(messages_->size()) + " messages");
}

// The name is kept: some clients try another password without a new USER.
void Session::refused(Code code, std::string_view text, bool final) {
  end_dialogue();
  output_ += err(code, text);
  if (final || ++refused_logins_ >= kMostRefusedLogins) close("login-refused");
}

}  // namespace pop3d
