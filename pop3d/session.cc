// All that RFC 1939 means: one table {command, states, handler}, and what each command does.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/session.h"

#include <algorithm>
#include <cassert>

namespace pop3d {

const Session::Row Session::kTable[] = {
    {Verb::Auth, kBefore, &Session::auth}, {Verb::Capa, kEither, &Session::capa}, {Verb::Dele, kAfter, &Session::dele},
    {Verb::Lang, kEither, &Session::lang}, {Verb::List, kAfter, &Session::list},  {Verb::Noop, kAfter, &Session::noop},
    {Verb::Pass, kBefore, &Session::pass}, {Verb::Quit, kEither, &Session::quit}, {Verb::Retr, kAfter, &Session::retr},
    {Verb::Rset, kAfter, &Session::rset},  {Verb::Stat, kAfter, &Session::stat},  {Verb::Stls, kBefore, &Session::stls},
    {Verb::Top, kAfter, &Session::top},    {Verb::Uidl, kAfter, &Session::uidl},  {Verb::User, kBefore, &Session::user},
    {Verb::Utf8, kEither, &Session::utf8},
};

Session::Session(Settings settings, TimePoint now) : settings_(settings), started_(now), waiting_since_(now) {
  output_ = ok("Sluice POP3 server ready");  // no <timestamp>: clients would prefer APOP then
}

Request Session::next(TimePoint now) {
  while (!request_) {
    if (listing_ && output_.size() < kEnoughOutput) {
      continue_listing();
    } else if (closing_) {
      return Close{summary_.reason};
    } else if (output_.size() >= kEnoughOutput) {
      return Send{};
    } else if (const auto line = input_.next()) {
      obey(*line);
    } else if (input_ended_) {
      close(wind_up_reason_);
    } else {
      // Silence counts from here. Octets that complete no line are no sign of life, or a client could hold on for
      // ever by one octet a minute.
      if (std::exchange(worked_, false)) waiting_since_ = now;
      return Receive{};
    }
  }
  auto request = *std::move(request_);
  request_.reset();
  return request;
}

void Session::obey(const LineBuffer::Line& line) {
  worked_ = true;
  switch (line.kind) {
    case LineBuffer::Kind::TooLong:
      end_dialogue();
      return mistake("line too long");
    case LineBuffer::Kind::Endless:
      output_ += err("line too long");
      return close("line-too-long");
    case LineBuffer::Kind::Line:
      break;
  }
  if (dialogue_) return answer(line.text);
  const auto command = parse_command(line.text);
  if (command) return perform(*command);
  if (command.error().is_probe) return probe(command.error().text);
  mistake(command.error().text);
}

void Session::perform(const Command& command) {
  const auto row = std::ranges::find(kTable, command.verb, &Row::verb);
  assert(row != std::end(kTable));
  const bool logged_in = state_ == State::Transaction;
  if (!(row->states & (logged_in ? kAfter : kBefore))) {
    return mistake(logged_in ? "already logged in" : "log in first");
  }
  if (logged_in) errors_ = 0;
  (this->*row->handler)(command);
}

void Session::mistake(std::string_view text) {
  output_ += err(text);
  const auto most = state_ == State::Transaction ? kMostErrorsAfterLogin : kMostErrorsBeforeLogin;
  if (++errors_ >= most) close("too-many-errors");
}

void Session::probe(std::string_view text) {
  output_ += err(text);
  if (++probes_ >= kMostProbes) close("too-many-errors");
}

void Session::close(std::string_view reason) {
  closing_ = true;
  summary_.reason = reason;
}

// --- after login ---

// Numbers on the wire become indexes here and nowhere else. No message: the reply is given.
std::optional<std::size_t> Session::find_message(const Command& command) {
  const auto number = *command.number;
  if (number == 0 || number > messages_->size()) {
    output_ += err("no such message");
    return std::nullopt;
  }
  const auto index = static_cast<std::size_t>(number - 1);
  if (deleted_[index]) {
    output_ += err("message is deleted");
    return std::nullopt;
  }
  return index;
}

void Session::stat(const Command&) {
  // Nothing behind the two numbers: clients exist that want exactly these.
  output_ += ok(std::to_string(messages_->size() - deleted_count_) + " " + std::to_string(octets_));
}

void Session::list(const Command& command) { start_listing(command, false); }
void Session::uidl(const Command& command) { start_listing(command, true); }

std::string Session::list_line(std::size_t index, bool uidl) const {
  auto line = std::to_string(index + 1) + " ";
  return uidl ? line.append(messages_->uidl(index)) : line += std::to_string(messages_->octets(index));
}

void Session::start_listing(const Command& command, bool uidl) {
  if (command.number) {
    if (const auto index = find_message(command)) output_ += ok(list_line(*index, uidl));
    return;
  }
  output_ += ok(std::to_string(messages_->size() - deleted_count_) + " messages");
  listing_ = Listing{uidl, 0};
}

// A list of a hundred thousand messages goes out as the client takes it.
void Session::continue_listing() {
  auto& index = listing_->index;
  for (; index < messages_->size() && output_.size() < kEnoughOutput; ++index) {
    if (!deleted_[index]) output_ += list_line(index, listing_->uidl) += "\r\n";
  }
  if (index < messages_->size()) return;
  output_ += ".\r\n";
  listing_.reset();
}

void Session::retr(const Command& command) {
  const auto index = find_message(command);
  if (!index) return;
  // fetchmail reads the number before "octets": it is the one of LIST.
  request_ = Retrieve{*index, std::nullopt, ok(std::to_string(messages_->octets(*index)) + " octets")};
}

void Session::top(const Command& command) {
  const auto index = find_message(command);
  if (index) request_ = Retrieve{*index, command.lines, ok("top of message follows")};
}

// Behind a status line nothing but the message may follow, so a failure there can only be shown by hanging up.
void Session::retrieval_failed(bool status_is_out) {
  if (!status_is_out) output_ += err(Code::SysTemp, "the mailbox cannot be read");
  close("mailbox-error");
}

void Session::dele(const Command& command) {
  const auto index = find_message(command);
  if (!index) return;
  deleted_[*index] = true;
  ++deleted_count_;
  octets_ -= messages_->octets(*index);
  output_ += ok("message " + std::to_string(*index + 1) + " deleted");
}

void Session::noop(const Command&) { output_ += ok("nothing done"); }

void Session::rset(const Command&) {
  deleted_.assign(deleted_.size(), false);
  deleted_count_ = 0;
  octets_ = all_octets_;
  output_ += ok(std::to_string(messages_->size()) + " messages");
}

void Session::quit(const Command&) {
  if (state_ == State::Authorization) {
    output_ += ok("bye");
    return close("quit");
  }
  state_ = State::Update;
  request_ = Commit{deleted_};
}

void Session::committed(bool done) {
  if (done) summary_.deleted = deleted_count_;
  output_ += done ? ok("bye") : err(Code::SysTemp, "some deleted messages not removed");
  close(done ? "quit" : "update-failed");
}

// --- time ---

TimePoint Session::deadline() const {
  if (state_ == State::Authorization) return std::min(started_ + kLoginTime, waiting_since_ + kLoginPause);
  return waiting_since_ + kAutologout;
}

// RFC 1939 section 3: no update, and no response.
void Session::expire(TimePoint now) {
  if (now >= deadline()) close("autologout");
}

void Session::wind_up(std::string_view reason) {
  wind_up_reason_ = reason;
  input_ended_ = true;
}

}  // namespace pop3d
