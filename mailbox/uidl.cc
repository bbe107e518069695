// The unique id of a message (POP3's UIDL), computed from the message itself. FROZEN: clients remember these values.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/uidl.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace mailbox {
namespace {

// With their colon, in lower case. kLongestName bytes of a line tell whether it is one of them.
constexpr std::array<std::string_view, 4> kLeftOut{"status:", "x-status:", "x-uid:", "content-length:"};
constexpr std::size_t kLongestName = 15;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_left_out(std::string_view line) {
  return std::ranges::any_of(kLeftOut, [&](std::string_view name) {
    return line.size() >= name.size() &&
           std::ranges::equal(line.substr(0, name.size()), name, [](char a, char b) { return lower(a) == b; });
  });
}

void append_hex(std::string& out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(value >> shift) & 15];
}

}  // namespace

struct UidlHasher::State {
  XXH3_state_t hash;
  std::string start;  // of a header line whose name is not yet known, at most kLongestName bytes
  bool at_line_start = true;
  bool in_header = true;
  bool leaving_out = false;  // the field that this line belongs to

  void add(std::string_view bytes) { XXH3_128bits_update(&hash, bytes.data(), bytes.size()); }
  void reset() {
    XXH3_128bits_reset(&hash);
    start.clear();
    at_line_start = in_header = true;
    leaving_out = false;
  }
};

std::string uidl_text(const UidlBase& base, std::uint32_t ordinal) {
  std::string text;
  append_hex(text, base.high);
  append_hex(text, base.low);
  if (ordinal > 1) text += "-" + std::to_string(ordinal);
  return text;
}

UidlHasher::UidlHasher() : state_(std::make_unique<State>()) { state_->reset(); }
UidlHasher::UidlHasher(UidlHasher&&) noexcept = default;
UidlHasher& UidlHasher::operator=(UidlHasher&&) noexcept = default;
UidlHasher::~UidlHasher() = default;

void UidlHasher::from_line(std::string_view line) {
  state_->add(line);
  state_->add("\n");
}

void UidlHasher::text(std::string_view piece) {
  if (state_->in_header) piece.remove_prefix(header(piece));
  if (!piece.empty()) state_->add(piece);
}

// Takes header lines from the piece, up to and with the empty one; how many bytes those were.
std::size_t UidlHasher::header(std::string_view piece) {
  State& state = *state_;
  std::size_t at = 0;
  while (at < piece.size() && state.in_header) {
    const auto line_feed = piece.find('\n', at);
    const bool whole = line_feed != std::string_view::npos;
    auto part = piece.substr(at, whole ? line_feed + 1 - at : std::string_view::npos);
    at += part.size();
    if (state.at_line_start) {
      if (!whole && state.start.size() + part.size() < kLongestName) {  // too little yet to know the name
        state.start += part;
        break;
      }
      const auto known = std::min(part.size(), kLongestName);
      state.start += part.substr(0, known);
      part.remove_prefix(known);
      start_of_line(state.start);
      state.start.clear();
    }
    if (!state.leaving_out) state.add(part);
    state.at_line_start = whole;
  }
  return at;
}

void UidlHasher::start_of_line(std::string_view start) {
  State& state = *state_;
  if (start == "\n" || start == "\r\n") {
    state.in_header = state.leaving_out = false;
  } else if (start.front() != ' ' && start.front() != '\t') {
    state.leaving_out = is_left_out(start);
  }
  if (!state.leaving_out) state.add(start);
}

UidlBase UidlHasher::finish() {
  if (!state_->start.empty()) start_of_line(state_->start);
  const auto digest = XXH3_128bits_digest(&state_->hash);
  state_->reset();
  return {digest.high64, digest.low64};
}

}  // namespace mailbox
