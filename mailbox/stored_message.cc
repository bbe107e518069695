// Hands out one message of a frozen drop, and proves before the first byte that it still is that message.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/stored_message.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "mailbox/wire_text.h"

namespace mailbox {
namespace {

constexpr std::size_t kBuffer = 256 << 10;  // larger than any From_ line
constexpr std::size_t kPiece = 64 << 10;    // handed out at a time, more or less

std::unexpected<Error> changed() {
  return failure(ErrorKind::Temporary, "another program changed the mailbox: a message is not what it was at login");
}

// Takes the From_ line off the first piece of a message.
std::string_view take_from_line(std::string_view& piece) {
  const auto line = piece.substr(0, std::min(piece.find('\n'), piece.size() - 1) + 1);
  piece.remove_prefix(line.size());
  return without_line_end(line);
}

// Calls each(piece, is_first) with the stored bytes.
template <class Each>
Result<void> read_pieces(const StoredMessage& message, const Each& each) {
  bool first = true;
  return read_range(message.fd, message.offset, message.offset + message.size, [&](std::string_view piece) {
    const bool go_on = each(piece, first);
    first = false;
    return go_on;
  });
}

// What a message is, measured as it goes by.
class Check {
 public:
  explicit Check(const StoredMessage& message) : message_(message), meter_(message.home) {}
  // The piece without a From_ line.
  std::string_view take(std::string_view piece, bool first) {
    if (first && message_.home == MessageText::Home::Mbox) meter_.from_line(take_from_line(piece));
    meter_.feed(piece);
    return piece;
  }
  bool is_same() {
    const auto base = meter_.finish();
    return base == message_.base && meter_.octets() == message_.octets;
  }

 private:
  const StoredMessage& message_;
  MessageMeter meter_;
};

class Sender {
 public:
  Sender(MessageText::Home home, const std::function<bool(std::string_view)>& sink) : text_(home), sink_(sink) {}
  bool take(std::string_view piece) {
    for (; !piece.empty() && wanted_; piece.remove_prefix(std::min(piece.size(), kPiece))) {
      text_.feed(piece.substr(0, kPiece), [&](std::string_view text) { wire_.encode(text, out_); });
      if (out_.size() >= kPiece) hand_out();
    }
    return wanted_;
  }
  void finish() {
    text_.finish([&](std::string_view text) { wire_.encode(text, out_); });
    wire_.finish(out_);
    if (wanted_) hand_out();
  }

 private:
  void hand_out() {
    wanted_ = out_.empty() || sink_(out_);
    out_.clear();
  }
  MessageText text_;
  WireEncoder wire_;
  std::string out_;
  bool wanted_ = true;
  const std::function<bool(std::string_view)>& sink_;
};

// Small enough to be looked at and sent from one reading.
Result<void> send_small(const StoredMessage& message, const std::function<bool(std::string_view)>& sink) {
  std::string bytes;
  auto done = read_pieces(message, [&](std::string_view piece, bool) { return bytes += piece, true; });
  if (!done) return done;
  Check check(message);
  const auto text = check.take(bytes, true);
  if (!check.is_same()) return changed();
  Sender sender(message.home, sink);
  if (sender.take(text)) sender.finish();
  return {};
}

}  // namespace

Result<void> read_range(int fd, std::uint64_t offset, std::uint64_t end,
                        const std::function<bool(std::string_view)>& feed) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, end - std::min(offset, end)));
  const auto buffer = std::make_unique_for_overwrite<char[]>(size + 1);
  while (offset < end) {
    // The first piece is to be a full one: whoever reads messages looks for a whole From_ line there.
    std::size_t got = 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, end - offset));
    while (got < wanted) {
      const ssize_t n = pread(fd, buffer.get() + got, wanted - got, static_cast<off_t>(offset + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_failure("cannot read the mailbox");
      if (n == 0) return failure(ErrorKind::Temporary, "another program changed the mailbox: it became shorter");
      got += static_cast<std::size_t>(n);
    }
    if (!feed({buffer.get(), got})) return {};
    offset += got;
  }
  return {};
}

Result<void> send(const StoredMessage& message, const std::function<bool(std::string_view)>& sink) {
  if (message.size <= kBuffer) return send_small(message, sink);
  Check before(message);
  auto done = read_pieces(message, [&](std::string_view piece, bool first) { return before.take(piece, first), true; });
  if (!done) return done;
  if (!before.is_same()) return changed();
  Check check(message);
  Sender sender(message.home, sink);
  bool wanted = true;
  done = read_pieces(message, [&](std::string_view piece, bool first) {
    wanted = sender.take(check.take(piece, first));
    return wanted;
  });
  if (!done || !wanted) return done;
  if (!check.is_same()) return changed();
  sender.finish();
  return {};
}

}  // namespace mailbox
