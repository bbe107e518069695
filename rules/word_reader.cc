// From bytes to expansions: quoting, variables, defaults and backquotes.
// SPDX-License-Identifier: Apache-2.0
#include "rules/word_reader.h"

#include <algorithm>
#include <utility>

#include "rules/limits.h"

namespace rules {
namespace {

Piece make_piece(Piece::Kind kind, std::string text, bool quoted) {
  Piece piece;
  piece.kind = kind;
  piece.text = std::move(text);
  piece.quoted = quoted;
  return piece;
}

class Reader {
 public:
  Reader(std::string_view text, std::size_t at, TextMode mode) : text_(text), at_(at), mode_(mode) {}

  // Reads up to the end that the mode sets, or, within braces, behind the closing one. True: the statement goes on.
  bool read(std::vector<Piece>& pieces, bool quoted, unsigned depth, bool word_starts = true);

  std::size_t at() const { return at_; }
  bool unterminated = false;
  bool too_deep = false;

 private:
  bool more() const { return at_ < text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  static void add_text(std::vector<Piece>& pieces, std::string_view text, bool quoted);
  void read_single_quoted(std::vector<Piece>& pieces);
  void read_backslash(std::vector<Piece>& pieces, bool quoted, bool in_braces);
  void read_backquote(std::vector<Piece>& pieces, bool quoted);
  bool read_dollar(std::vector<Piece>& pieces, bool quoted, unsigned depth);
  bool read_braces(std::vector<Piece>& pieces, bool quoted, unsigned depth);
  std::string read_name();

  std::string_view text_;
  std::size_t at_;
  TextMode mode_;
  bool starts_ = true;      // the byte being read begins a word of its own
};

// Neighbouring texts become one piece; a quoted empty text stays, because it makes a word of its own.
void Reader::add_text(std::vector<Piece>& pieces, std::string_view text, bool quoted) {
  if (!pieces.empty() && pieces.back().kind == Piece::Kind::Text) {
    pieces.back().text += text;
    pieces.back().quoted |= quoted;
  } else {
    pieces.push_back(make_piece(Piece::Kind::Text, std::string(text), quoted));
  }
}

bool Reader::read(std::vector<Piece>& pieces, bool quoted, unsigned depth, bool word_starts) {
  const bool may_comment = mode_ != TextMode::Whole;
  const bool quotes_are_text = quoted && depth > 0;   // "${x:-"a"}" keeps the inner quotes
  while (more()) {
    const char c = peek();
    const bool starts = std::exchange(word_starts, false);
    if (depth == 0) starts_ = starts;
    if (quoted) {
      if (c == '"' && !quotes_are_text) {
        quoted = false, ++at_;
        add_text(pieces, "", true);
        continue;
      }
    } else if (c == '"') {
      quoted = true, ++at_;
      add_text(pieces, "", true);
      continue;
    } else if (c == '\'') {
      read_single_quoted(pieces);
      continue;
    } else if (may_comment && c == '#' && starts) {
      skip_comment();
      continue;
    } else if (may_comment && c == '\n') {
      return false;
    } else if (mode_ == TextMode::Assignment && is_blank(c)) {
      return false;
    } else if (mode_ == TextMode::CommandLine && is_blank(c)) {
      while (is_blank(peek())) ++at_;
      if (!pieces.empty()) add_text(pieces, " ", true);
      word_starts = true;
      continue;
    } else if (mode_ == TextMode::Words && is_blank(c)) {
      if (!pieces.empty() && pieces.back().kind != Piece::Kind::Break) pieces.emplace_back().kind = Piece::Kind::Break;
      ++at_, word_starts = true;
      continue;
    } else if (may_comment && starts && c == '\\' && peek(1) == '#') {
      at_ += 2;
      add_text(pieces, "#", false);
      continue;
    }
    if (c == '}' && depth > 0) {
      ++at_;
      return true;
    }
    if (c == '\\') {
      read_backslash(pieces, quoted, depth > 0);
      word_starts = starts && pieces.empty();
    } else if (c == '`') {
      read_backquote(pieces, quoted);
    } else if (c == '$') {
      if (!read_dollar(pieces, quoted, depth)) return false;
      // "${#" is dropped: what follows begins the word, and blanks in front of a value are skipped.
      word_starts = starts && !quoted && depth == 0 && !pieces.empty() && pieces.back().kind == Piece::Kind::BadSubstitution;
      while (word_starts && mode_ == TextMode::Assignment && is_blank(peek())) ++at_;
    } else {
      add_text(pieces, text_.substr(at_++, 1), quoted);
    }
  }
  unterminated |= quoted && may_comment;
  return false;
}

void Reader::read_single_quoted(std::vector<Piece>& pieces) {
  const std::size_t end = text_.find('\'', ++at_);
  unterminated |= end == std::string_view::npos && mode_ != TextMode::Whole;
  add_text(pieces, text_.substr(at_, end == std::string_view::npos ? end : end - at_), true);
  at_ = end == std::string_view::npos ? text_.size() : end + 1;
}

void Reader::read_backslash(std::vector<Piece>& pieces, bool quoted, bool in_braces) {
  static constexpr std::string_view kUnquoted = " \t'\"\\$`";
  static constexpr std::string_view kQuoted = "\"\\$`";
  const char next = peek(1);
  const std::string_view both = text_.substr(at_, 2);
  at_ += both.size();
  if (both.size() == 1) {
    add_text(pieces, both, quoted);
  } else if (next == '\n' && mode_ == TextMode::Assignment && !quoted && !in_braces && pieces.empty()) {
    // The value has not begun: blanks in front of it are still skipped.
    while (is_blank(peek())) ++at_;
  } else if (next == '\n') {
    if (mode_ == TextMode::Whole && !quoted) add_text(pieces, both, quoted);
  } else if (next == '}' && in_braces) {
    add_text(pieces, "}", quoted);
  } else if ((quoted ? kQuoted : kUnquoted).find(next) != std::string_view::npos) {
    add_text(pieces, both.substr(1), true);
  } else if (quoted || next == '#') {
    add_text(pieces, both, quoted);
  } else {
    add_text(pieces, both.substr(1), quoted);
  }
}

void Reader::read_backquote(std::vector<Piece>& pieces, bool quoted) {
  ++at_;
  Piece piece = make_piece(Piece::Kind::Backquote, {}, quoted);
  while (more()) {
    const char c = peek();
    ++at_;
    if (c == '`' || (c == '"' && quoted)) break;
    const char next = peek();
    if (c == '\\' && next == '\n') {
      ++at_;
    } else if (c == '\\' && more() && (next == '`' || next == '\\' || next == '$' || (next == '"' && quoted))) {
      piece.text += next;
      ++at_;
    } else {
      piece.text += c;
    }
  }
  pieces.push_back(std::move(piece));
}

std::string Reader::read_name() {
  const std::size_t begin = at_;
  while (is_name_char(peek())) ++at_;
  return std::string(text_.substr(begin, at_ - begin));
}

bool Reader::read_dollar(std::vector<Piece>& pieces, bool quoted, unsigned depth) {
  static constexpr std::string_view kSpecial = "$?#=_-";
  ++at_;
  const char c = peek();
  if (c == '{') {
    ++at_;
    return read_braces(pieces, quoted, depth);
  }
  if (c == '\\' && is_name_start(peek(1))) {
    ++at_;
    pieces.push_back(make_piece(Piece::Kind::Escaped, read_name(), true));
  } else if (c == '\\' && is_digit(peek(1))) {
    ++at_;
    pieces.push_back(make_piece(Piece::Kind::Escaped, read_name().substr(0, 1), true));
  } else if (is_digit(c)) {
    ++at_;
    pieces.push_back(make_piece(Piece::Kind::Positional, std::string(1, c), quoted));
  } else if (c == '@' && quoted) {
    ++at_;
    pieces.push_back(make_piece(Piece::Kind::AllArguments, {}, true));
  } else if (more() && kSpecial.find(c) != std::string_view::npos) {
    ++at_;
    pieces.push_back(make_piece(Piece::Kind::Special, std::string(1, c), quoted));
  } else if (c == '@') {
    // Outside of quotes "$@" is a plain "@", as observed.
  } else if (is_name_start(c)) {
    pieces.push_back(make_piece(Piece::Kind::Variable, read_name(), quoted));
  } else {
    add_text(pieces, "$", quoted);
  }
  return true;
}

// Behind "${". False: the statement ended within the braces.
bool Reader::read_braces(std::vector<Piece>& pieces, bool quoted, unsigned depth) {
  const std::size_t begin = at_;
  std::string name = read_name();
  const bool digit = name.size() == 1 && is_digit(name[0]);
  // A name of nothing is a variable that is never set.
  const bool named = digit || name.empty() || is_name_start(name[0]);
  char sign = peek();
  const bool colon = sign == ':';
  if (colon) sign = peek(1);
  if (named && !name.empty() && !colon && sign == '}') {
    ++at_;
    const auto kind = digit ? Piece::Kind::Positional : Piece::Kind::Variable;
    pieces.push_back(make_piece(kind, std::move(name), quoted));
    return true;
  }
  if (name.empty() && !colon && sign == '}') {
    ++at_;   // "${}" is nothing, and nobody complains
    return true;
  }
  if (!named || (sign != '-' && sign != '+')) {
    if (colon || sign != '\\') at_ = std::min(text_.size(), at_ + (colon ? 2 : 1));
    pieces.push_back(make_piece(Piece::Kind::BadSubstitution, std::move(name), quoted));
    return true;
  }
  if (depth >= kMaxNesting) {
    too_deep = true;
    add_text(pieces, text_.substr(begin - 2, at_ - begin + 2), quoted);
    return true;
  }
  at_ += colon ? 2 : 1;
  Piece piece = make_piece(Piece::Kind::Default, std::move(name), quoted);
  piece.when_empty = colon;
  piece.when_set = sign == '+';
  // A comment begins only where a word does: behind "${A-" if the braces begin the word.
  const bool word_starts = pieces.empty() || pieces.back().kind == Piece::Kind::Break;
  piece.closed = read(piece.other, quoted, depth + 1, word_starts && starts_);
  const bool closed = piece.closed;
  pieces.push_back(std::move(piece));
  return closed;
}

}  // namespace

WordReading read_words(std::string_view text, std::size_t& at, TextMode mode, bool quoted) {
  Reader reader(text, at, mode);
  WordReading reading;
  reader.read(reading.expansion.pieces, quoted, 0);
  auto& pieces = reading.expansion.pieces;
  while (!pieces.empty() && pieces.back().kind == Piece::Kind::Break) pieces.pop_back();
  reading.expansion.raw_size = reader.at() - at;
  reading.unterminated = reader.unterminated;
  reading.too_deep = reader.too_deep;
  at = reader.at();
  return reading;
}

}  // namespace rules
