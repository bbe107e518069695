// Where each message of an mbox begins and ends, how long it is on the wire, and its unique id: one pass over the
// bytes. SPDX-License-Identifier: Apache-2.0
//
//   MboxScanner scanner;
//   while (more && scanner.feed(chunk)) {}        // chunks of any size, in order
//   auto messages = scanner.finish();             // offset, size, octets, uidl base of each; or why this is no mbox
//
// **Where a message begins**: at the start of the file or behind an empty line, a line "From " with a plausible date
// (from_line.h), at most kLongestFromLine bytes long (POP3.md 13). In a header no empty line is needed: a message cut
// off there does not swallow the next one. Content-Length means nothing. NUL bytes and empty lines before the first
// message are skipped (what a crash leaves); anything else there is an error. A first message that is c-client's
// "FOLDER INTERNAL DATA" is no entry, and stays where it is.
//
// **Where a message ends**: its text runs from behind the From_ line to the next one, and its end does not depend on
// what has been appended since, so that neither size nor unique id change when the next delivery mends the tail
// (CONTRACT.md 5.11):
//   1. a last line without LF has one;
//   2. one empty line at the end (LF behind LF) is the mbox's separator, not part of the message, where there is one;
//   3. a header always has the empty line that ends it, even where that is the separator or is missing: clients hang
//      otherwise (POP3.md 2).
// A CR LF at the end is no separator: it arrived with the message.
//
// **A torn From_ line** at the very end, of a writer that was killed in it, belongs to no message: the one before it keeps
// its text and id. The next delivery completes it (missing_end()), and it becomes an empty message of its own.
//
// Time is linear, memory constant apart from the entries (kMostMessages) and one possible From_ line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/result.h"
#include "mailbox/uidl.h"
#include "mailbox/wire_text.h"

namespace mailbox {

inline constexpr std::size_t kLongestFromLine = 4096;   // longer ones are text: no address and date need more
inline constexpr std::size_t kMostMessages = 1u << 22;  // of one mailbox; 400 MB of entries

struct MboxEntry {
  std::uint64_t offset = 0;  // of its From_ line
  std::uint64_t size = 0;    // at rest, From_ line and separator included
  std::uint64_t octets = 0;  // on the wire
  UidlBase base;
  friend bool operator==(const MboxEntry&, const MboxEntry&) = default;
};

// Turns the bytes between two From_ lines (Mbox), or of a Maildir file, into the message's text by the three rules
// above; rule 2 is for Mbox only. `emit` gets pieces that live as long as the piece fed; finish() makes it ready for
// the next message.
class MessageText {
 public:
  enum class Home { Mbox, Maildir };
  explicit MessageText(Home home) : home_(home) {}

  template <class Emit>
  void feed(std::string_view piece, const Emit& emit) {
    if (piece.empty()) return;
    if (held_) emit(std::string_view("\n"));
    const auto body = in_header_ ? walk_header(piece) : 0;
    const char before = piece.size() > 1 ? piece[piece.size() - 2] : last_;
    held_ = home_ == Home::Mbox && !in_header_ && body < piece.size() && piece.back() == '\n' && before == '\n';
    last_ = piece.back();
    if (held_) piece.remove_suffix(1);
    if (!piece.empty()) emit(piece);
  }
  template <class Emit>
  void finish(const Emit& emit) {
    if (last_ != '\n') {
      if (in_header_) walk_header("\n");
      emit(std::string_view("\n"));
    }
    if (in_header_) emit(std::string_view("\n"));
    *this = MessageText(home_);
  }

 private:
  enum class Line { Empty, Cr, Text };
  std::size_t walk_header(std::string_view piece);  // how many of its bytes are header

  Home home_;
  char last_ = '\n';
  bool held_ = false;  // an empty line that is the separator, unless more comes
  bool in_header_ = true;
  Line line_ = Line::Empty;  // the header line so far
};

// Measures one message: its octets on the wire, and what its unique id is made from.
class MessageMeter {
 public:
  explicit MessageMeter(MessageText::Home home) : text_(home) {}
  void from_line(std::string_view line) { hasher_.from_line(line); }  // mbox only, without its line end
  void feed(std::string_view piece);
  std::uint64_t octets() const { return octets_; }  // after finish()
  UidlBase finish();                                // and ready for the next message

 private:
  MessageText text_;
  UidlHasher hasher_;
  WireCounter count_;
  std::uint64_t octets_ = 0;
};

// What has to be added to an mbox before a message may follow: nothing, line ends up to an empty line, or what completes a
// torn From_ line. `tail`: its last kMendTail bytes, or all of it.
inline constexpr std::size_t kMendTail = kLongestFromLine + 2;
std::string missing_end(std::string_view tail, bool is_whole_file);

// The line without its LF or CR LF.
std::string_view without_line_end(std::string_view line);

class MboxScanner {
 public:
  // `offset`: where in the file the first byte fed stands; not 0: a From_ line is to stand there.
  explicit MboxScanner(std::uint64_t offset = 0);
  MboxScanner(MboxScanner&&) noexcept;
  ~MboxScanner();

  bool feed(std::string_view chunk);  // false: finish() will fail, more is of no use
  Result<std::vector<MboxEntry>> finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailbox
