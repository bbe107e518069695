// The obvious matcher: sets of places, and loops run until nothing new is reached.
// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/reference_matcher.h"

#include <algorithm>
#include <functional>
#include <set>

namespace testing_support {
namespace {

using Place = std::pair<std::size_t, std::size_t>;  // offset, and marker or kUnmarked
using Places = std::set<Place>;
constexpr std::size_t kUnmarked = static_cast<std::size_t>(-1);

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

bool is_word(char byte) {
  const char small = lower(byte);
  return (small >= 'a' && small <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

class Reference {
 public:
  Reference(const std::string& pattern, const std::string& framed) : pattern_(pattern), framed_(framed) {}

  Places run(std::size_t start) {
    at_ = 0;
    return expression({{start, kUnmarked}});
  }

 private:
  bool more() const { return at_ < pattern_.size(); }

  // Evaluates while it reads: an expression up to `)` or the end, from the places `from`.
  Places expression(const Places& from) {
    Places all;
    for (;;) {
      Places here = from;
      while (more() && pattern_[at_] != '|' && pattern_[at_] != ')') here = repeated(here);
      all.insert(here.begin(), here.end());
      if (!more() || pattern_[at_] == ')') return all;
      ++at_;
    }
  }

  Places repeated(const Places& from) {
    const std::size_t begin = at_;
    Places once = atom(from);
    const char operation = more() ? pattern_[at_] : '\0';
    if (operation != '*' && operation != '+' && operation != '?') return once;
    const std::size_t behind = at_ + 1;
    if (operation != '?') {
      for (std::size_t before = 0; before != once.size();) {
        before = once.size();
        at_ = begin;
        const Places again = atom(once);
        once.insert(again.begin(), again.end());
      }
    }
    at_ = behind;
    if (operation != '+') once.insert(from.begin(), from.end());
    return once;
  }

  Places atom(const Places& from) {
    const char first = pattern_[at_++];
    if (first == '(') {
      Places inside = expression(from);
      ++at_;
      return inside;
    }
    if (first == '^' && more() && pattern_[at_] == '^') {
      ++at_;
      return area_anchor(from);
    }
    if (first == '\\' && more()) return escape(from);
    if (first == '^' || first == '$') return take(from, [](char byte) { return byte == '\n'; });
    if (first == '.') return take(from, [](char byte) { return byte != '\n'; });
    if (first == '[') return bracket(from);
    return take(from, [first](char byte) { return lower(byte) == lower(first); });
  }

  Places escape(const Places& from) {
    const char second = pattern_[at_++];
    if (second == '<' || second == '>') return take(from, [](char byte) { return !is_word(byte); });
    if (second != '/') return take(from, [second](char byte) { return lower(byte) == lower(second); });
    Places marked;
    for (const auto& [offset, marker] : from) marked.insert({offset, marker == kUnmarked ? offset : marker});
    return marked;
  }

  // Simple classes only: single bytes and ranges of small letters.
  Places bracket(const Places& from) {
    const bool negated = pattern_[at_] == '^';
    if (negated) ++at_;
    std::set<char> listed;
    for (const std::size_t begin = at_; pattern_[at_] != ']' || at_ == begin; ++at_) {
      if (pattern_[at_] == '-' && at_ > begin && pattern_[at_ + 1] != ']') {
        for (char inner = pattern_[at_ - 1]; inner <= pattern_[at_ + 1]; ++inner) listed.insert(lower(inner));
      } else {
        listed.insert(lower(pattern_[at_]));
      }
    }
    ++at_;
    return take(from,
                [&](char byte) { return (listed.count(lower(byte)) > 0) != negated && !(negated && byte == '\n'); });
  }

  Places area_anchor(const Places& from) {
    Places reached;
    const bool is_end = nothing_follows(at_);
    for (const auto& [offset, marker] : from) {
      if (is_end && offset + 1 == framed_.size()) reached.insert({offset, marker});
      if (!is_end && offset == 0) reached.insert({1, marker});
    }
    return reached;
  }

  // Whether from `at` on there are only ends: of groups, and of alternatives, whose further ones are skipped.
  bool nothing_follows(std::size_t at) const {
    while (at < pattern_.size()) {
      if (pattern_[at] == '|') {
        at = end_of_group(at);
      } else if (pattern_[at] == ')') {
        ++at;
      } else {
        return false;
      }
    }
    return true;
  }

  std::size_t end_of_group(std::size_t at) const {
    int depth = 0;
    for (; at < pattern_.size(); ++at) {
      if (pattern_[at] == '\\') {
        ++at;
      } else if (pattern_[at] == '[') {
        at = pattern_.find(']', at + (pattern_[at + 1] == '^' ? 3 : 2));
      } else if (pattern_[at] == '(') {
        ++depth;
      } else if (pattern_[at] == ')' && depth-- == 0) {
        return at;
      }
    }
    return at;
  }

  Places take(const Places& from, const std::function<bool(char)>& accepts) const {
    Places reached;
    for (const auto& [offset, marker] : from) {
      if (offset < framed_.size() && accepts(framed_[offset])) reached.insert({offset + 1, marker});
    }
    return reached;
  }

  const std::string& pattern_;
  const std::string& framed_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<ReferenceHit> reference_search(const std::string& pattern, const std::string& framed, std::size_t start) {
  Places all;
  for (std::size_t from = start; from < framed.size(); ++from) {
    const Places reached = Reference(pattern, framed).run(from);
    all.insert(reached.begin(), reached.end());
  }
  if (all.empty()) return std::nullopt;
  ReferenceHit hit{all.begin()->first, std::nullopt};
  std::size_t marker = kUnmarked;
  bool crossed = false;
  for (const Place& place : all) {
    crossed = crossed || (place.first == hit.end && place.second != kUnmarked);
    marker = std::min(marker, place.second);
  }
  if (!crossed) return hit;
  for (const Place& place : all) {
    if (place.second == marker) hit.match = {marker, place.first};
  }
  return hit;
}

}  // namespace testing_support
