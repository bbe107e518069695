// Where each message of an mbox begins and ends, how long it is on the wire, and its unique id: one pass over the
// bytes. SPDX-License-Identifier: Apache-2.0
#include "mailbox/mbox_format.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "mailbox/from_line.h"
#include "mailbox/line_scan.h"

namespace mailbox {
namespace {

constexpr std::string_view kFrom = "From ";
constexpr std::string_view kLead("\0\r\n", 3);  // what may stand before the first message
// c-client keeps its own notes in the first message of an mbox; these words mark it (POP3.md 13).
constexpr std::string_view kInternalSender = "MAILER-DAEMON";
constexpr std::string_view kInternalSubject = "\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";
constexpr std::string_view kInternalField = "\nX-IMAP";
constexpr std::size_t kInternalHeader = 2048;  // as much of the first message is looked at

bool agrees_with_from(std::string_view start) { return start.substr(0, kFrom.size()) == kFrom.substr(0, start.size()); }

// Whether the file's last line, which has no LF, is the beginning of a From_ line.
bool is_torn_from_line(std::string_view line, bool behind_empty_line) {
  return behind_empty_line && !line.empty() && line.size() < kLongestFromLine && agrees_with_from(line) &&
         !is_from_line(line);
}

}  // namespace

std::string missing_end(std::string_view tail, bool is_whole_file) {
  if (tail.empty() || tail == "\n" || tail.ends_with("\n\n")) return "";
  if (tail.ends_with('\n')) return "\n";
  std::size_t start = tail.rfind('\n') + 1;  // 0 where there is none
  const std::size_t first = std::min(tail.find_first_not_of(kLead), tail.size());
  const bool is_lead = is_whole_file && first >= start;
  if (is_lead) start = first;
  const std::string_view line = tail.substr(start), before = tail.substr(0, start);
  const bool behind_empty_line = is_lead || before.ends_with("\n\n") || before.ends_with("\n\r\n");
  if (!is_torn_from_line(line, behind_empty_line)) return "\n\n";
  std::string rest(kFrom.substr(std::min(line.size(), kFrom.size())));
  if (line.size() <= kFrom.size()) rest += kInternalSender;
  return rest + "  Thu Jan  1 00:00:00 1970\n\n";  // no date that could be taken for an arrival's
}


std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t MessageText::walk_header(std::string_view piece) {
  for (std::size_t at = 0; at < piece.size(); ++at) {
    if (piece[at] == '\n') {
      if (line_ != Line::Text) {
        in_header_ = false;
        return at + 1;
      }
      line_ = Line::Empty;
      continue;
    }
    line_ = line_ == Line::Empty && piece[at] == '\r' ? Line::Cr : Line::Text;
    if (line_ == Line::Text) {  // on to the next line that may be empty
      const auto line_feed = next_line_with(piece, at, '\n', '\r', '\r');
      if (line_feed == std::string_view::npos) {
        if (piece.back() == '\n') line_ = Line::Empty;
        return piece.size();
      }
      at = line_feed - 1;
    }
  }
  return piece.size();
}

void MessageMeter::feed(std::string_view piece) {
  text_.feed(piece, [&](std::string_view text) {
    hasher_.text(text);
    count_.add(text);
  });
}

UidlBase MessageMeter::finish() {
  text_.finish([&](std::string_view text) {
    hasher_.text(text);
    count_.add(text);
  });
  octets_ = count_.finish();
  count_ = WireCounter();
  return hasher_.finish();
}

class MboxScanner::Impl {
 public:
  explicit Impl(std::uint64_t offset) : start_(offset), position_(offset) {}

  bool feed(std::string_view chunk);
  Result<std::vector<MboxEntry>> finish();

 private:
  enum class Verdict { Separator, Text, Unknown };

  Verdict judge(std::string_view rest) const;
  std::string_view skip_lead(std::string_view chunk);
  std::string_view resume(std::string_view chunk);
  void run(std::string_view chunk);
  std::size_t next_candidate(std::string_view chunk, std::size_t at);
  bool ends_empty_line(std::string_view chunk, std::size_t line_feed) const;
  void begin(std::uint64_t offset, std::string_view line);
  void end(std::uint64_t offset);
  bool is_internal() const;
  void text(std::string_view piece);
  void pass(std::string_view bytes);

  std::uint64_t start_;
  std::uint64_t position_;  // in the file, of the next byte to look at
  bool in_lead_ = true;     // before the first message
  bool failed_ = false;
  bool in_header_ = false;
  bool may_begin_ = true;          // at the start of a line, and a From_ line would begin a message
  char before_[2] = {'\n', '\n'};  // the last two bytes passed
  std::string carry_;              // a line cut by the end of a chunk that may become a From_ line
  MessageMeter meter_{MessageText::Home::Mbox};
  std::vector<MboxEntry> entries_;
  MboxEntry current_;
  std::string first_;  // the beginning of the file's first message, From_ line included
  bool is_first_ = false;
};

bool MboxScanner::Impl::feed(std::string_view chunk) {
  if (!failed_ && !carry_.empty()) chunk = resume(chunk);
  if (!failed_ && in_lead_ && carry_.empty()) chunk = skip_lead(chunk);
  if (!failed_ && !chunk.empty()) run(chunk);
  return !failed_;
}

// Whether the line that begins here is a From_ line; Unknown: the chunk ends too soon.
MboxScanner::Impl::Verdict MboxScanner::Impl::judge(std::string_view rest) const {
  if (!agrees_with_from(rest)) return Verdict::Text;
  const auto line = rest.substr(0, kLongestFromLine);
  const auto line_feed = line.find('\n');
  if (line_feed == std::string_view::npos) {
    return line.size() < kLongestFromLine ? Verdict::Unknown : Verdict::Text;
  }
  return is_from_line(without_line_end(line.substr(0, line_feed + 1))) ? Verdict::Separator : Verdict::Text;
}

std::string_view MboxScanner::Impl::skip_lead(std::string_view chunk) {
  std::size_t at = 0;
  if (start_ == 0) at = std::min(chunk.find_first_not_of(kLead), chunk.size());
  pass(chunk.substr(0, at));
  chunk.remove_prefix(at);
  // The first message: nothing but a From_ line may stand here. One that is cut off is judged when it is whole.
  failed_ = !chunk.empty() && judge(chunk) == Verdict::Text;
  return chunk;
}

// Goes on with a line whose beginning an earlier chunk held; what is left of the chunk.
std::string_view MboxScanner::Impl::resume(std::string_view chunk) {
  const auto line_feed = chunk.find('\n');
  const auto wanted = std::min({line_feed == std::string_view::npos ? chunk.size() : line_feed + 1, chunk.size(),
                                kLongestFromLine - carry_.size()});
  carry_ += chunk.substr(0, wanted);
  const auto verdict = judge(carry_);
  if (verdict == Verdict::Unknown) return {};
  const auto line = std::exchange(carry_, {});
  if (verdict == Verdict::Separator) {
    begin(position_, line);
  } else if (in_lead_) {
    failed_ = true;
  } else {
    text(line);
    may_begin_ = in_header_ && line.ends_with('\n');
  }
  pass(line);
  return chunk.substr(wanted);
}

void MboxScanner::Impl::run(std::string_view chunk) {
  std::size_t from = 0;
  std::size_t at = 0;
  for (;;) {
    at = next_candidate(chunk, at);
    const auto verdict = at < chunk.size() ? judge(chunk.substr(at)) : Verdict::Unknown;
    if (verdict == Verdict::Text) {
      may_begin_ = false;
      continue;
    }
    if (at > from) text(chunk.substr(from, at - from));
    if (verdict == Verdict::Unknown) break;
    const auto line = chunk.substr(at, chunk.find('\n', at) + 1 - at);
    begin(position_ + at, line);
    from = at += line.size();
    if (failed_) return;
  }
  carry_ = chunk.substr(at);
  pass(chunk.substr(0, at));
}

// The next place, from `at` on, where a line begins with 'F' and a From_ line would begin a message; else the end.
std::size_t MboxScanner::Impl::next_candidate(std::string_view chunk, std::size_t at) {
  while (at < chunk.size()) {
    if (may_begin_ && chunk[at] == 'F') return at;
    may_begin_ = false;
    auto line_feed = in_header_ ? next_line_with(chunk, at, 'F', '\n', '\r') : next_line_with(chunk, at, 'F');
    if (in_header_ && chunk[at] <= '\r') line_feed = chunk.find('\n', at);  // this line itself may be empty
    if (line_feed == std::string_view::npos) {
      if (chunk.back() != '\n') return chunk.size();
      line_feed = chunk.size() - 1;
    }
    const bool empty = ends_empty_line(chunk, line_feed);
    may_begin_ = empty || in_header_;
    if (empty) in_header_ = false;
    at = line_feed + 1;
  }
  return chunk.size();
}

bool MboxScanner::Impl::ends_empty_line(std::string_view chunk, std::size_t line_feed) const {
  const auto byte = [&](std::size_t back) {  // 1: the one before the LF
    return line_feed >= back ? chunk[line_feed - back] : before_[2 - (back - line_feed)];
  };
  return byte(1) == '\n' || (byte(1) == '\r' && byte(2) == '\n');
}

void MboxScanner::Impl::begin(std::uint64_t offset, std::string_view line) {
  is_first_ = in_lead_ && start_ == 0;
  if (!in_lead_) end(offset);
  if (entries_.size() >= kMostMessages) failed_ = true;
  in_lead_ = false;
  in_header_ = may_begin_ = true;
  current_ = {.offset = offset, .size = 0, .octets = 0, .base = {}};
  meter_.from_line(without_line_end(line));
  if (is_first_) first_ = line.substr(0, kInternalHeader);
}

void MboxScanner::Impl::end(std::uint64_t offset) {
  current_.size = offset - current_.offset;
  current_.base = meter_.finish();
  current_.octets = meter_.octets();
  if (!is_internal()) entries_.push_back(current_);
  first_.clear();
}

bool MboxScanner::Impl::is_internal() const {
  if (first_.empty()) return false;
  const auto sender = from_line_sender(std::string_view(first_).substr(0, first_.find('\n')));
  const auto header = std::string_view(first_).substr(0, first_.find("\n\n"));
  return sender == kInternalSender && header.find(kInternalSubject) != std::string_view::npos &&
         header.find(kInternalField) != std::string_view::npos;
}

void MboxScanner::Impl::text(std::string_view piece) {
  if (!first_.empty() && first_.size() < kInternalHeader) first_ += piece.substr(0, kInternalHeader - first_.size());
  meter_.feed(piece);
}

void MboxScanner::Impl::pass(std::string_view bytes) {
  position_ += bytes.size();
  if (bytes.size() > 1) before_[0] = bytes[bytes.size() - 2];
  if (bytes.size() == 1) before_[0] = before_[1];
  if (!bytes.empty()) before_[1] = bytes.back();
}

Result<std::vector<MboxEntry>> MboxScanner::Impl::finish() {
  if (!failed_ && !carry_.empty() && !is_torn_from_line(carry_, !in_header_)) {
    if (is_from_line(carry_)) {
      begin(position_, carry_);
    } else if (in_lead_) {
      failed_ = true;
    } else {
      text(carry_);
    }
    pass(carry_);
  }
  if (failed_ && entries_.size() >= kMostMessages) {
    return failure(ErrorKind::Temporary, "more than " + std::to_string(kMostMessages) + " messages");
  }
  if (failed_) {
    return failure(ErrorKind::Temporary, "not an mbox: no From_ line at byte " + std::to_string(position_));
  }
  if (!in_lead_) end(position_);
  in_lead_ = true;
  return std::move(entries_);
}

MboxScanner::MboxScanner(std::uint64_t offset) : impl_(std::make_unique<Impl>(offset)) {}
MboxScanner::MboxScanner(MboxScanner&&) noexcept = default;
MboxScanner::~MboxScanner() = default;
bool MboxScanner::feed(std::string_view chunk) { return impl_->feed(chunk); }
Result<std::vector<MboxEntry>> MboxScanner::finish() { return impl_->finish(); }

}  // namespace mailbox
