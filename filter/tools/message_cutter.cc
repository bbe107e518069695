// Finds From_ lines in a stream of bytes.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/message_cutter.h"

#include <algorithm>
#include <utility>

#include "mailbox/from_line.h"
#include "mailbox/mbox_format.h"
#include "mailbox/message.h"

namespace filter::tools {
namespace {

constexpr std::string_view kFrom = "From ";
constexpr std::size_t kLongestFieldName = 998;  // RFC 5322: no line is longer

}  // namespace

bool starts_as_message(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  text.remove_prefix(mailbox::envelope_lines(text).size());
  std::size_t name = 0;
  while (name < text.size() && name < kLongestFieldName && text[name] > ' ' && text[name] != ':' && text[name] < 0x7f)
    ++name;
  std::size_t colon = name;
  while (colon < text.size() && (text[colon] == ' ' || text[colon] == '\t')) ++colon;
  return name > 0 && colon < text.size() && text[colon] == ':';
}

bool MessageCutter::feed(std::string_view chunk) {
  if (form_ == Form::NoMail || too_long_) return false;
  pending_ += chunk;
  if (in_lead_) skip_lead();
  if (form_ == Form::Unknown) learn_form(false);
  if (form_ == Form::Mbox) cut(false);
  too_long_ = pending_.size() > kMaxSavedMessage;
  return form_ != Form::NoMail && !too_long_;
}

void MessageCutter::skip_lead() {
  const std::size_t lead = std::min(pending_.find_first_not_of(std::string_view("\0\r\n", 3)), pending_.size());
  has_nul_lead_ |= pending_.find('\0') < lead;
  pending_.erase(0, lead);
  in_lead_ = pending_.empty();
}

// Needs the first line whole, or as much of it as a From_ line may have.
void MessageCutter::learn_form(bool at_end) {
  const std::size_t line_end = pending_.find('\n');
  if (line_end == std::string::npos && pending_.size() < mailbox::kLongestFromLine && !at_end) return;
  const std::string_view line = std::string_view(pending_).substr(0, line_end);
  if (mailbox::is_from_line(mailbox::without_line_end(line))) {
    form_ = Form::Mbox;
    scanned_ = line.size();
    return;
  }
  // "From anna" without a date: the field stands on one of the next lines.
  if (starts_as_message(pending_))
    form_ = Form::Single;
  else if (at_end || pending_.size() >= 2 * mailbox::kLongestFromLine)
    form_ = Form::NoMail;
}

// Hands over what stands before each further From_ line.
void MessageCutter::cut(bool at_end) {
  std::size_t begin = 0;
  while (const auto next = next_separator(at_end)) {
    deliver(pending_.substr(begin, *next - begin));
    begin = *next;
    scanned_ = begin + kFrom.size();
    in_header_ = true;
  }
  pending_.erase(0, begin);
  scanned_ -= std::min(begin, scanned_);
}

// Where the next From_ line begins; nothing if that cannot be told yet.
std::optional<std::size_t> MessageCutter::next_separator(bool at_end) {
  for (;;) {
    const std::size_t before = scanned_ == 0 ? 0 : scanned_ - 1;
    const std::size_t found = pending_.find("\nFrom ", before);
    if (found == std::string::npos) {
      const std::size_t keep = pending_.size() < kFrom.size() ? 0 : pending_.size() - kFrom.size();
      if (keep > scanned_) {
        may_begin(keep);
        scanned_ = keep;
      }
      return std::nullopt;
    }
    const std::size_t line = found + 1;
    const std::size_t end = pending_.find('\n', line);
    if (end == std::string::npos && pending_.size() - line < mailbox::kLongestFromLine && !at_end) return std::nullopt;
    const std::string_view text = std::string_view(pending_).substr(line, end == std::string::npos ? end : end - line);
    const bool begins = may_begin(line) && text.size() < mailbox::kLongestFromLine &&
                        mailbox::is_from_line(mailbox::without_line_end(text));
    if (begins) return line;
    scanned_ = line + kFrom.size();
  }
}

// Whether a message may begin at this start of a line: in a header, or behind an empty line.
bool MessageCutter::may_begin(std::size_t line) {
  const std::string_view text(pending_);
  if (in_header_) {
    const std::size_t from = scanned_ > 3 ? scanned_ - 3 : 0;
    const std::string_view part = text.substr(from, line - from);
    in_header_ = part.find("\n\n") == part.npos && part.find("\n\r\n") == part.npos;
  }
  if (in_header_) return true;
  const std::string_view front = text.substr(0, line);
  return front.ends_with("\n\n") || front.ends_with("\n\r\n");
}

// One LF at the end of a body is the mbox's separator; a header keeps the empty line that ends it.
void MessageCutter::deliver(std::string message) {
  const bool has_separator = message.ends_with("\n\n");
  if (has_separator && message.find("\n\n") + 2 < message.size()) message.pop_back();
  take_(std::move(message));
}

mailbox::Result<void> MessageCutter::finish() {
  if (form_ == Form::Unknown && !pending_.empty()) learn_form(true);
  if (form_ == Form::Unknown && has_nul_lead_)
    return mailbox::failure(mailbox::ErrorKind::Permanent, "is no mail: it holds nothing but NUL bytes");
  if (form_ == Form::Mbox) cut(true);
  if (form_ == Form::NoMail)
    return mailbox::failure(mailbox::ErrorKind::Permanent,
                            "is no mail: it starts with neither a From_ line nor a header");
  if (too_long_)
    return mailbox::failure(mailbox::ErrorKind::Permanent,
                            "holds a message of more than " + std::to_string(kMaxSavedMessage) + " bytes");
  std::string last = std::exchange(pending_, {});
  if (form_ == Form::Mbox) deliver(std::move(last));
  if (form_ == Form::Single) take_(std::move(last));
  return {};
}

}  // namespace filter::tools
