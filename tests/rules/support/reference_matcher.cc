// The obvious matcher: sets of places, and loops run until nothing new is reached.
// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/reference_matcher.h"

#include <algorithm>
#include <functional>
#include <set>

namespace testing_support {
namespace {

using Place = std::pair<std::size_t, std::size_t>;  // offset in the framed text, and marker or kUnmarked
using Places = std::set<Place>;
constexpr std::size_t kUnmarked = static_cast<std::size_t>(-1);

// The texts of procmailrc(5), MISCELLANEOUS, put together from their parts.
const std::string kRecipient = "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):";
const std::string kSender = "(((Resent-)?(From|Sender)|X-Envelope-From):|>?From )([^>]*[^(.%@a-z0-9])?(";
const std::string kBehind = ")(([^).!:a-z0-9][-_a-z0-9]*)?[%@>\t ][^<)]*(\\(.*\\).*)?)?$([^>]|$)";
const std::pair<std::string, std::string> kMacros[] = {
    {"^FROM_DAEMON", "(^(Mailing-List:|Precedence:.*(junk|bulk|list)|To: Multiple recipients of |" + kSender +
                         "Post(ma?(st(e?r)?|n)|office)|(send)?Mail(er)?|daemon|m(mdf|ajordomo)|n?uucp|"
                         "LIST(SERV|proc)|NETSERV|o(wner|ps)|r(e(quest|sponse)|oot)|b(ounce|bs\\.smtp)|echo|mirror|"
                         "s(erv(ices?|er)|mtp(error)?|ystem)|A(dmin(istrator)?|MMGR|utoanswer)" +
                         kBehind + "))"},
    {"^TO_", kRecipient + "(.*[^-a-zA-Z0-9_.])?)"},
    {"^TO", kRecipient + "(.*[^a-zA-Z])?)"},
    {"^FROM_MAILER", "(^" + kSender +
                         "Post(ma(st(er)?|n)|office)|(send)?Mail(er)?|daemon|mmdf|n?uucp|ops|r(esponse|oot)|"
                         "(bbs\\.)?smtp(error)?|s(erv(ices?|er)|ystem)|A(dmin(istrator)?|MMGR)" +
                         kBehind + ")"},
};

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

bool is_word(char byte) {
  return (lower(byte) >= 'a' && lower(byte) <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

// Where a class ends that begins at `at`: behind its `]`, or at the end.
std::size_t end_of_class(const std::string& text, std::size_t at) {
  const std::size_t first = at + (text.substr(at + 1, 1) == "^" ? 2 : 1);
  const std::size_t close = text.find(']', first + 1);
  return close == std::string::npos ? text.size() : close + 1;
}

// Behind the atom's bytes at `at`, as far as parentheses do not matter.
std::size_t behind(const std::string& text, std::size_t at) {
  if (text[at] == '[') return end_of_class(text, at);
  return std::min(at + (text[at] == '\\' ? 2 : 1), text.size());
}

// The next `|` or `)` of the group that is open at `at`; the end of the text if there is none.
std::size_t end_of_alternative(const std::string& text, std::size_t at) {
  for (int depth = 0; at < text.size(); at = behind(text, at)) {
    if (depth == 0 && (text[at] == '|' || text[at] == ')')) return at;
    if (text[at] == '(') ++depth;
    if (text[at] == ')') --depth;
  }
  return text.size();
}

std::size_t end_of_group(const std::string& text, std::size_t at) {
  at = end_of_alternative(text, at);
  while (at < text.size() && text[at] == '|') at = end_of_alternative(text, at + 1);
  return at;
}

class Walk {
 public:
  Walk(const std::string& pattern, bool fold, const std::string& framed)
      : pattern_(pattern), fold_(fold), framed_(framed) {}

  // Everywhere that a match can end which begins at `start` or later.
  Places run(std::size_t start) {
    Places from;
    for (; start < framed_.size(); ++start) from.insert({start, kUnmarked});
    return alternatives(from);
  }

 private:
  bool more() const { return at_ < pattern_.size(); }
  bool next_is(char byte) const { return more() && pattern_[at_] == byte; }

  // Up to the group's `)`, or the end.
  Places alternatives(const Places& from) {
    Places all;
    for (;; ++at_) {
      Places here = from;
      while (more() && pattern_[at_] != '|' && pattern_[at_] != ')') here = repeated(here);
      all.insert(here.begin(), here.end());
      if (!next_is('|')) return all;
    }
  }

  // An atom and the one operator that may follow it.
  Places repeated(const Places& from) {
    const std::size_t begin = at_;
    Places once = atom(from);
    const char operation = more() ? pattern_[at_] : '\0';
    if (operation != '*' && operation != '+' && operation != '?') return once;
    const std::size_t end = at_ + 1;
    if (operation != '?') {
      for (std::size_t before = 0; before != once.size();) {
        before = once.size();
        at_ = begin;
        const Places again = atom(once);
        once.insert(again.begin(), again.end());
      }
    }
    at_ = end;
    if (operation != '+') once.insert(from.begin(), from.end());
    return once;
  }

  Places atom(const Places& from) {
    const char first = pattern_[at_++];
    if (first == '(') {
      Places inside = alternatives(from);
      if (more()) ++at_;
      return inside;
    }
    if (first == '^' && next_is('^')) {
      ++at_;
      return area_anchor(from);
    }
    if (first == '[') return bracket(from);
    if (first == '\\' && more()) return escape(from);
    if (first == '^' || first == '$') return take(from, [](char byte) { return byte == '\n'; });
    if (first == '.') return take(from, [](char byte) { return byte != '\n'; });
    return take(from, [&](char byte) { return same(byte, first); });
  }

  Places escape(const Places& from) {
    const char second = pattern_[at_++];
    if (second == '<' || second == '>') return take(from, [](char byte) { return !is_word(byte); });
    if (second != '/') return take(from, [&](char byte) { return same(byte, second); });
    Places marked;
    for (const auto& [offset, marker] : from) marked.insert({offset, marker == kUnmarked ? offset : marker});
    return marked;
  }

  Places bracket(const Places& from) {
    const bool negated = next_is('^');
    const std::size_t end = end_of_class(pattern_, at_ - 1);
    std::string members = pattern_.substr(at_, end - at_);
    at_ = end;
    if (negated) members.erase(0, 1);
    if (members.size() > 1 && members.back() == ']') members.pop_back();
    const std::set<char> listed = listed_in(members);
    const auto holds = [&](char byte) {
      return std::any_of(listed.begin(), listed.end(), [&](char member) { return same(byte, member); });
    };
    return take(from, [&](char byte) { return negated ? byte != '\n' && !holds(byte) : holds(byte); });
  }

  // Where a range ends, the next one may begin.
  static std::set<char> listed_in(const std::string& members) {
    std::set<char> listed;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i] == '-' && i > 0 && i + 1 < members.size()) {
        for (int byte = as_number(members[i - 1]); byte <= as_number(members[i + 1]); ++byte)
          listed.insert(static_cast<char>(byte));
        ++i;
      }
      listed.insert(members[i]);
    }
    return listed;
  }

  static int as_number(char byte) { return static_cast<unsigned char>(byte); }
  bool same(char one, char other) const { return fold_ ? lower(one) == lower(other) : one == other; }

  // `^^`: the end of the area if only ends follow it, of groups and of the expression; else the LF before the area.
  Places area_anchor(const Places& from) {
    std::size_t next = at_;
    while (next < pattern_.size() && (pattern_[next] == '|' || pattern_[next] == ')'))
      next = pattern_[next] == '|' ? end_of_group(pattern_, next) : next + 1;
    Places reached;
    for (const auto& [offset, marker] : from) {
      if (next == pattern_.size() && offset + 1 == framed_.size()) reached.insert({offset, marker});
      if (next < pattern_.size() && offset == 0) reached.insert({1, marker});
    }
    return reached;
  }

  Places take(const Places& from, const std::function<bool(char)>& accepts) const {
    Places reached;
    for (const auto& [offset, marker] : from) {
      if (offset < framed_.size() && accepts(framed_[offset])) reached.insert({offset + 1, marker});
    }
    return reached;
  }

  const std::string& pattern_;
  const bool fold_;
  const std::string& framed_;
  std::size_t at_ = 0;
};

std::string with_macros(std::string text, bool& fold) {
  for (const auto& [name, replacement] : kMacros) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      if (at > 0 && text[at - 1] == '\\') continue;
      text.replace(at, name.size(), replacement);
      if (name == "^FROM_DAEMON") fold = true;
    }
  }
  return text;
}

std::optional<ReferenceHit> hit_of(const Places& all, std::size_t size, std::size_t from) {
  if (all.empty()) return std::nullopt;
  const auto clipped = [&](std::size_t at) { return std::clamp<std::size_t>(at, 1, size + 1) - 1; };
  const std::size_t first_end = all.begin()->first;
  ReferenceHit hit;
  hit.end = std::max(first_end, from + 1) - 1;
  hit.empty = hit.end == from;
  // MATCH is set if what ends first may have crossed a marker; a marker behind the text's last LF is not crossed.
  std::size_t marker = kUnmarked;
  bool crossed = false;
  for (const Place& place : all) {
    crossed = crossed || (place.first == first_end && place.second != kUnmarked);
    marker = std::min(marker, place.second);
  }
  if (!crossed || marker > size + 1) return hit;
  for (const Place& place : all) {
    if (place.second == marker) hit.match = {clipped(marker), clipped(place.first)};  // the last one is the longest
  }
  return hit;
}

}  // namespace

Reference::Reference(const std::string& expression, bool fold)
    : fold_(fold), expanded_(with_macros(expression, fold_)), sound_(expanded_.substr(0, end_of_group(expanded_, 0))) {
  int open = 0;
  for (std::size_t at = 0; at < sound_.size(); at = behind(sound_, at)) {
    if (sound_[at] == '(') ++open;
    if (sound_[at] == ')') --open;
  }
  valid_ = open == 0 && sound_ == expanded_;
}

std::optional<ReferenceHit> Reference::search(const std::string& bytes, std::size_t from) const {
  if (from > bytes.size()) return std::nullopt;
  const std::string framed = "\n" + bytes + "\n";
  const bool seen_again = from == 0 || bytes[from - 1] == '\n';
  auto hit = hit_of(Walk(sound_, fold_, framed).run(seen_again ? from : from + 1), bytes.size(), from);
  // `^^` at the end, with nothing that must precede it, counts as an empty match right away.
  const Places at_once = Walk(sound_, fold_, "\n\n").run(1);
  if (!at_once.empty() && at_once.begin()->first == 1) hit->end = from, hit->empty = true;
  if (hit || seen_again || from < bytes.size()) return hit;
  // What is left behind a last line without LF is a text of no bytes, between two virtual LFs of its own.
  if (Walk(sound_, fold_, "\n\n\n").run(1).empty()) return std::nullopt;
  return ReferenceHit{bytes.size() + 1, false, std::nullopt};
}

}  // namespace testing_support
