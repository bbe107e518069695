// Hands out one message of a frozen drop, and proves before the first byte that it still is that message.
// SPDX-License-Identifier: Apache-2.0
//
//   StoredMessage message{.fd = box, .offset = 100, .size = 5000, .home = Home::Mbox, .octets = 5020, .base = base};
//   if (auto done = send(message, sink); !done) …       // changed meanwhile: an error, and as a rule nothing was sent
//
//   MessageReader reader(message);                      // the same in steps, for who has others to serve meanwhile
//   do more = reader.step(out); while (more && *more);
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mailbox/mbox_format.h"
#include "mailbox/result.h"

namespace mailbox {

struct StoredMessage {
  int fd = -1;               // borrowed
  std::uint64_t offset = 0;  // of the From_ line in an mbox
  std::uint64_t size = 0;    // at rest
  MessageText::Home home = MessageText::Home::Mbox;
  std::uint64_t octets = 0;  // what it measured when it was frozen
  UidlBase base;
};

// Reads it once to compare octets and unique id (all bytes but the header fields that mail readers rewrite), then hands
// it out; a message longer than a buffer is read a second time and compared again, and if it changed between the two
// the error comes after some pieces.
class MessageReader {
 public:
  explicit MessageReader(const StoredMessage& message);
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;
  ~MessageReader();

  // Reads one buffer (256 KiB) at most, and appends to `out` what may go over the wire. True: there is more to do.
  Result<bool> step(std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All of it. A sink that answers false ends it well.
Result<void> send(const StoredMessage& message, const std::function<bool(std::string_view)>& sink);

// Feeds `feed` with all bytes of the file from `offset` to `end`, in pieces; false stops. Temporary: the file is
// shorter.
Result<void> read_range(int fd, std::uint64_t offset, std::uint64_t end,
                        const std::function<bool(std::string_view)>& feed);

}  // namespace mailbox
