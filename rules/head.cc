// Flags, one letter each, and the lock behind them.
// SPDX-License-Identifier: Apache-2.0
#include "rules/head.h"

#include <utility>

#include "rules/quote.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

bool read_flag(char letter, Head& head) {
  switch (letter) {
    case 'H': return head.search_header = true;
    case 'B': return head.search_body = true;
    case 'D': return head.case_sensitive = true;
    case 'A': return head.if_last_matched = true;
    case 'a': return head.if_last_succeeded = true;
    case 'E': return head.if_last_did_not = true;
    case 'e': return head.if_last_failed = true;
    case 'h': return head.feed_header = true;
    case 'b': return head.feed_body = true;
    case 'f': return head.filter = true;
    case 'c': return head.copy = true;
    case 'w': head.wait = head.wait == Wait::Quiet ? Wait::Quiet : Wait::Loud; return true;
    case 'W': head.wait = Wait::Quiet; return true;
    case 'i': return head.ignore_errors = true;
    case 'r': return head.raw = true;
    default: return false;
  }
}

void skip(Head& head, std::string_view text) {
  if (text.empty()) return;
  if (!head.skipped.empty()) head.skipped += ' ';
  head.skipped += text;
}

}  // namespace

Head read_head(const std::vector<Value>& words) {
  Head head;
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::string& text = words[w].text();
    std::size_t i = 0;
    if (w == 0)
      while (i < text.size() && is_digit(text[i])) ++i;
    while (i < text.size() && (is_blank(text[i]) || read_flag(text[i], head))) ++i;
    if (i == text.size()) continue;
    const bool lock = text[i] == ':';
    head.locks = lock;
    if (lock && i + 1 < text.size()) {
      for (std::size_t k = i + 1; k < text.size(); ++k) head.lock.append(text[k], words[w].origin(k));
    } else if (lock && w + 1 < words.size()) {
      head.lock = words[++w];
    } else if (!lock) {
      skip(head, std::string_view(text).substr(i));
    }
    while (++w < words.size()) skip(head, words[w].text());
  }
  return head;
}

std::optional<Head> constant_head(const Expansion& expansion) {
  std::vector<Value> words;
  bool open = false;
  for (const Piece& piece : expansion.pieces) {
    if (piece.kind == Piece::Kind::Break) {
      open = false;
    } else if (piece.kind != Piece::Kind::Text) {
      return std::nullopt;
    } else if (std::exchange(open, true)) {
      words.back().append(std::string_view(piece.text));
    } else {
      words.emplace_back(piece.text);
    }
  }
  return read_head(words);
}

std::string dump(const Head& head) {
  std::string out;
  const auto say = [&out](bool set, const char* word) {
    if (set) out += out.empty() ? word : std::string(" ") + word;
  };
  say(head.search_header, "search-header");
  say(head.search_body, "search-body");
  say(head.case_sensitive, "case-sensitive");
  say(head.if_last_matched, "if-last-matched");
  say(head.if_last_succeeded, "if-last-succeeded");
  say(head.if_last_did_not, "if-last-did-not");
  say(head.if_last_failed, "if-last-failed");
  say(head.feed_header, "feed-header");
  say(head.feed_body, "feed-body");
  say(head.filter, "filter");
  say(head.copy, "copy");
  say(head.wait == Wait::Loud, "wait");
  say(head.wait == Wait::Quiet, "wait-quietly");
  say(head.ignore_errors, "ignore-errors");
  say(head.raw, "raw");
  if (head.locks) say(true, head.lock.empty() ? "lock" : ("lock " + quoted(head.lock.text())).c_str());
  if (!head.skipped.empty()) say(true, ("skipped " + quoted(head.skipped)).c_str());
  return out;
}

}  // namespace rules
