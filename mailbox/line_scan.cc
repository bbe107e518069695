// Looks at sixteen bytes at a time where the processor can (every x86-64), else at one.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/line_scan.h"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace mailbox {
namespace {

#ifdef __SSE2__
constexpr std::size_t kBlock = sizeof(__m128i);
constexpr std::size_t kMostCounted = 255;  // blocks, until a byte's count is full

__m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

// Where one of three stands.
__m128i is_one_of(__m128i bytes, __m128i a, __m128i b, __m128i c) {
  return _mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_or_si128(_mm_cmpeq_epi8(bytes, b), _mm_cmpeq_epi8(bytes, c)));
}

// Counts in whole blocks; `at` stands behind the byte before, and moves on.
std::size_t count_blocks(const char*& at, const char* end) {
  const auto line_feed = _mm_set1_epi8('\n'), carriage_return = _mm_set1_epi8('\r'), zero = _mm_setzero_si128();
  auto total = zero;
  while (static_cast<std::size_t>(end - at) >= kBlock) {
    auto counts = zero;
    const auto blocks = std::min(static_cast<std::size_t>(end - at) / kBlock, kMostCounted);
    for (std::size_t i = 0; i < blocks; ++i, at += kBlock) {
      const auto with_cr = _mm_cmpeq_epi8(load(at - 1), carriage_return);
      counts = _mm_sub_epi8(counts, _mm_andnot_si128(with_cr, _mm_cmpeq_epi8(load(at), line_feed)));
    }
    total = _mm_add_epi64(total, _mm_sad_epu8(counts, zero));
  }
  return static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_add_epi64(total, _mm_unpackhi_epi64(total, total))));
}
#endif

}  // namespace

std::size_t next_line_with(std::string_view text, std::size_t at, char a, char b, char c) {
#ifdef __SSE2__
  const auto line_feed = _mm_set1_epi8('\n'), first = _mm_set1_epi8(a), second = _mm_set1_epi8(b),
             third = _mm_set1_epi8(c);
  for (; at + kBlock < text.size(); at += kBlock) {
    const auto lines = _mm_cmpeq_epi8(load(text.data() + at), line_feed);
    const auto next = is_one_of(load(text.data() + at + 1), first, second, third);
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(lines, next)));
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  for (; at + 1 < text.size(); ++at) {
    if (text[at] == '\n' && (text[at + 1] == a || text[at + 1] == b || text[at + 1] == c)) return at;
  }
  return std::string_view::npos;
}

std::size_t bare_line_feeds(std::string_view text, char before) {
  if (text.empty()) return 0;
  std::size_t count = text.front() == '\n' && before != '\r' ? 1 : 0;
  const char* at = text.data() + 1;
  const char* const end = text.data() + text.size();
#ifdef __SSE2__
  count += count_blocks(at, end);
#endif
  for (; at < end; ++at) count += *at == '\n' && at[-1] != '\r' ? 1 : 0;
  return count;
}

}  // namespace mailbox
