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

std::unexpected<Error> changed() {
  return failure(ErrorKind::Temporary, "another program changed the mailbox: a message is not what it was at login");
}

// Takes the From_ line off the first piece of a message.
std::string_view take_from_line(std::string_view& piece) {
  const auto line = piece.substr(0, std::min(piece.find('\n'), piece.size() - 1) + 1);
  piece.remove_prefix(line.size());
  return without_line_end(line);
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

// Fills `buffer` from `offset`, all of `wanted`.
Result<void> read_whole(int fd, char* buffer, std::size_t wanted, std::uint64_t offset) {
  for (std::size_t got = 0; got < wanted;) {
    const ssize_t n = pread(fd, buffer + got, wanted - got, static_cast<off_t>(offset + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("cannot read the mailbox");
    if (n == 0) return failure(ErrorKind::Temporary, "another program changed the mailbox: it became shorter");
    got += static_cast<std::size_t>(n);
  }
  return {};
}

}  // namespace

struct MessageReader::State {
  explicit State(const StoredMessage& stored)
      : message(stored),
        buffer(std::make_unique_for_overwrite<char[]>(piece_size())),
        before(message),
        check(message),
        text(message.home) {}

  std::size_t piece_size() const { return static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, message.size)); }

  // The next piece, and whether it is the first of a pass.
  Result<std::string_view> read() {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, message.size - at));
    if (auto done = read_whole(message.fd, buffer.get(), size, message.offset + at); !done)
      return std::unexpected(std::move(done).error());
    at += size;
    return std::string_view(buffer.get(), size);
  }
  void hand_out(std::string_view piece, std::string& out) {
    text.feed(piece, [&](std::string_view part) { wire.encode(part, out); });
  }
  void finish(std::string& out) {
    text.finish([&](std::string_view part) { wire.encode(part, out); });
    wire.finish(out);
  }

  StoredMessage message;
  std::unique_ptr<char[]> buffer;
  std::uint64_t at = 0;   // of the message, in this pass
  bool verified = false;  // the first pass is done
  Check before, check;
  MessageText text;
  WireEncoder wire;
};

MessageReader::MessageReader(const StoredMessage& message) : state_(std::make_unique<State>(message)) {}
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;
MessageReader::~MessageReader() = default;

Result<bool> MessageReader::step(std::string& out) {
  auto& state = *state_;
  const bool first = state.at == 0;
  auto piece = state.read();
  if (!piece) return std::unexpected(std::move(piece).error());
  const bool last = state.at == state.message.size;
  const auto text = (state.verified ? state.check : state.before).take(*piece, first);
  if (!state.verified) {
    if (!last) return true;
    if (!state.before.is_same()) return changed();
    state.verified = true;
    if (!first) return state.at = 0, true;  // longer than a buffer: read it again
    state.hand_out(text, out);              // small enough to be looked at and sent from one reading
    state.finish(out);
    return false;
  }
  state.hand_out(text, out);
  if (!last) return true;
  if (!state.check.is_same()) return changed();
  state.finish(out);
  return false;
}

Result<void> read_range(int fd, std::uint64_t offset, std::uint64_t end,
                        const std::function<bool(std::string_view)>& feed) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, end - std::min(offset, end)));
  const auto buffer = std::make_unique_for_overwrite<char[]>(size + 1);
  while (offset < end) {
    // The first piece is to be a full one: whoever reads messages looks for a whole From_ line there.
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, end - offset));
    if (auto done = read_whole(fd, buffer.get(), wanted, offset); !done) return done;
    if (!feed({buffer.get(), wanted})) return {};
    offset += wanted;
  }
  return {};
}

Result<void> send(const StoredMessage& message, const std::function<bool(std::string_view)>& sink) {
  MessageReader reader(message);
  std::string out;
  for (bool going_on = true; going_on;) {
    const auto more = reader.step(out);
    if (!more) return std::unexpected(more.error());
    if (!out.empty() && !sink(out)) return {};
    out.clear();
    going_on = *more;
  }
  return {};
}

}  // namespace mailbox
