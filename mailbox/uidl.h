// The unique id of a message (POP3's UIDL), computed from the message itself. FROZEN: clients remember these values.
// SPDX-License-Identifier: Apache-2.0
//
//   UidlHasher hasher;
//   hasher.from_line("From anna@example.org  Thu Jan  1 00:00:00 1970");   // mbox only, without its LF
//   hasher.text(piece);                                                    // mbox_format.h's MessageText, any pieces
//   uidl_text(hasher.finish(), 1);    // "0123456789abcdef0123456789abcdef"; ordinal 2: "…-2"
//
// The value is XXH3-128 (seed 0) over: the From_ line and one LF (mbox only), then the message's text as stored, after
// MessageText made its end independent of what was appended later, without the header fields Status, X-Status, X-UID
// and Content-Length (any case; with their continuation lines): other mail programs rewrite those (CONTRACT.md 7). It
// is printed as 32 lower-case hex digits, the most significant first (XXH's canonical form).
// tests/mailbox/uidl_test.cc holds vectors; a change to any of this makes every client download all its mail again.
//
// Identical messages of one mailbox share the value and differ in their ordinal: "V", "V-2", "V-3" in order of
// appearance; uidl_history.h remembers which were given.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mailbox {

struct UidlBase {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend bool operator==(const UidlBase&, const UidlBase&) = default;
  friend auto operator<=>(const UidlBase&, const UidlBase&) = default;
};

std::string uidl_text(const UidlBase& base, std::uint32_t ordinal);

class UidlHasher {
 public:
  UidlHasher();
  UidlHasher(UidlHasher&&) noexcept;
  UidlHasher& operator=(UidlHasher&&) noexcept;
  ~UidlHasher();

  void from_line(std::string_view line);
  void text(std::string_view piece);
  UidlBase finish();  // and ready for the next message

 private:
  struct State;
  std::size_t header(std::string_view piece);
  void start_of_line(std::string_view start);

  std::unique_ptr<State> state_;
};

}  // namespace mailbox
