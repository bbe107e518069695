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

// Takes header lines from the piece, up to and with the empty one; how many bytes those were. What is hashed is added in
// runs as long as possible.
std::size_t UidlHasher::header(std::string_view piece) {
  State& state = *state_;
  std::size_t at = 0, run = 0;  // the run: hashed bytes that were not added yet
  const auto add_run = [&](std::size_t end) {
    if (end > run) state.add(piece.substr(run, end - run));
  };
  while (at < piece.size() && state.in_header) {
    const auto line_feed = piece.find('\n', at);
    const bool whole = line_feed != std::string_view::npos;
    const auto end = whole ? line_feed + 1 : piece.size();
    if (state.at_line_start) {
      const auto known = std::min(end - at, kLongestName - state.start.size());
      const bool is_carried = !state.start.empty();
      if (is_carried || (!whole && known < kLongestName)) {
        if (!is_carried) add_run(at);
        state.start += piece.substr(at, known);
        if (!whole && state.start.size() < kLongestName) return piece.size();  // too little yet to know the name
        start_of_line(state.start);
        if (!state.leaving_out) state.add(state.start);
        state.start.clear();
        at = run = at + known;
      } else {
        const bool was_left_out = state.leaving_out;
        start_of_line(piece.substr(at, known));
        if (state.leaving_out && !was_left_out) add_run(at);
        if (!state.leaving_out && was_left_out) run = at;
      }
    }
    if (state.leaving_out) run = end;
    at = end;
    state.at_line_start = whole;
  }
  add_run(at);
  return at;
}

// What the line that begins so is: the empty one, a field's, or the continuation of one.
void UidlHasher::start_of_line(std::string_view start) {
  State& state = *state_;
  if (start == "\n" || start == "\r\n") {
    state.in_header = state.leaving_out = false;
  } else if (start.front() != ' ' && start.front() != '\t') {
    state.leaving_out = is_left_out(start);
  }
}

UidlBase UidlHasher::finish() {
  if (!state_->start.empty()) {
    start_of_line(state_->start);
    if (!state_->leaving_out) state_->add(state_->start);
  }
  const auto digest = XXH3_128bits_digest(&state_->hash);
  state_->reset();
  return {digest.high64, digest.low64};
}

}  // namespace mailbox
