// Statements and recipes of an rc file, read byte by byte: there are no lines after an assignment or a brace.
// SPDX-License-Identifier: Apache-2.0
#include "rules/lexer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "rules/quote.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

class Lexer {
 public:
  Lexer(const Source& source, bool leave_simple) : source_(source), text_(source.text()), leave_simple_(leave_simple) {}
  LexerResult run();

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool more() const { return at_ < text_.size(); }
  void skip_blanks() { while (more() && is_blank(peek())) ++at_; }
  std::string_view rest_of_line() const { return text_.substr(at_, text_.find('\n', at_) - at_); }

  Token& add(Token::Kind kind, std::size_t offset);
  void complain(std::size_t offset, const char* check, std::string message);
  Expansion read(TextMode mode);

  void read_statement();
  void read_name_statement();
  void read_further(std::size_t index);
  bool leave_simple_recipe();
  void read_recipe();
  void next_line();
  bool skip_to_line();
  void read_condition_line();
  void read_action();
  void check_folder(std::size_t begin, const Expansion& words);
  bool read_capture();
  Expansion read_folder();
  std::string read_logical_line();

  const Source& source_;
  std::string_view text_;
  bool leave_simple_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;   // lines up to here are in line_
  std::uint32_t line_ = 1;
  LexerResult result_;
};

Token& Lexer::add(Token::Kind kind, std::size_t offset) {
  Token& token = result_.tokens.emplace_back();
  token.kind = kind;
  token.where = source_.position(offset);
  return token;
}

void Lexer::complain(std::size_t offset, const char* check, std::string message) {
  result_.diagnostics.push_back({Severity::Error, source_.position(offset), check, std::move(message)});
}

Expansion Lexer::read(TextMode mode) {
  const std::size_t begin = at_;
  WordReading reading = read_words(text_, at_, mode);
  if (reading.unterminated) {
    complain(begin, "unexpected-eol", "a quote is opened here and never closed: everything to the end of the file is its text. Close it, or "
             "write \\' or \\\" for the character itself");
    reading.expansion.unterminated = mode == TextMode::Assignment;
    if (mode != TextMode::Assignment) add(Token::Kind::Note, begin).text = "Unexpected EOL";
  }
  if (reading.too_deep) complain(begin, "nesting", "too many ${...} within each other: the innermost are taken as plain text");
  for (const Piece& piece : reading.expansion.pieces)
    if (piece.kind == Piece::Kind::BadSubstitution)
      complain(begin, "bad-substitution", "\"${" + escaped(piece.text) + "\" is not followed by '}', '-', ':-', '+' or ':+', and is left out: write ${NAME}, or "
               "${NAME:-other} for another text where NAME is empty");
  return std::move(reading.expansion);
}

// The first line that ends in CR LF and is no comment.
std::size_t first_crlf(std::string_view text) {
  for (std::size_t end = text.find("\r\n"); end != std::string_view::npos; end = text.find("\r\n", end + 2)) {
    const std::size_t line = end == 0 ? 0 : text.rfind('\n', end - 1) + 1;
    const std::size_t first = text.find_first_not_of(" \t", line);
    if (text[first] != '#') return end;
  }
  return std::string_view::npos;
}

LexerResult Lexer::run() {
  if (const std::size_t line_end = first_crlf(text_); line_end != std::string_view::npos)
    complain(line_end, "crlf", "lines of this file end in CR LF, and the CR is part of what is written: folder \"lists\" becomes "
             "\"lists\\r\". End lines in LF alone (tr -d '\\r')");
  while (more()) read_statement();
  return std::move(result_);
}

void Lexer::read_statement() {
  const char c = peek();
  if (is_blank(c) || c == '\n') {
    ++at_;
  } else if (c == '#') {
    at_ += rest_of_line().size();
  } else if (c == ':') {
    if (!leave_simple_ || !leave_simple_recipe()) read_recipe();
  } else if (c == '}') {
    add(Token::Kind::Close, at_++);
  } else {
    read_name_statement();
  }
}

// What to write instead of a line that is no statement.
std::string why_skipped(std::string_view skipped, char next) {
  const std::string what = quoted_in_short(skipped) + ' ';
  if (skipped.starts_with("\xef\xbb\xbf")) return what + "begins with a byte order mark, and is skipped: save the file as UTF-8 without one";
  if (is_name_start(skipped[0]))
    return what + "is followed by '" + escaped(std::string_view(&next, 1)) +
           "', and is skipped: an assignment is NAME=value, and a name has only letters, digits and _";
  switch (skipped[0]) {
    case '*': return what + "is skipped: a condition stands behind its recipe's ':0' line, before the action";
    case '|':
    case '!': return what + "is skipped: an action needs a recipe, which starts with a ':0' line, and each recipe has one action";
    case '{': return what + "is skipped: a block is the action of a recipe, which starts with a ':0' line";
    default: return what + "is skipped: it is neither an assignment (NAME=value) nor the start of a recipe (:0)";
  }
}

// name=value, a bare name that unsets, or what is neither and is skipped (PROCMAIL.md 5.2, 5.3).
void Lexer::read_name_statement() {
  const std::size_t begin = at_;
  if (is_name_start(peek()))
    while (is_name_char(peek())) ++at_;
  const std::string name(text_.substr(begin, at_ - begin));
  const char next = peek();
  if (name.empty() || !more() || !(is_blank(next) || next == '\n' || next == '=')) {
    if (name.empty()) at_ += rest_of_line().size();
    const std::string_view skipped = text_.substr(begin, at_ - begin);
    add(Token::Kind::Skipped, begin).text = skipped;
    if (skipped != "\r") complain(begin, "skipped", why_skipped(skipped, next));
    return;
  }
  skip_blanks();
  if (peek() != '=') {
    add(Token::Kind::Unset, begin).name = name;
    return;
  }
  ++at_;
  skip_blanks();
  Expansion value = read(TextMode::Assignment);
  const std::size_t index = result_.tokens.size();
  Token& token = add(Token::Kind::Assignment, begin);
  token.name = name;
  token.words = std::move(value);
  read_further(index);
}

// "A=${1:-} B=x": a default that comes out as nothing takes the blanks behind it away, and the value goes on, as observed. So
// what follows is read both ways, if both end at the same byte.
void Lexer::read_further(std::size_t index) {
  const std::vector<Piece>& pieces = result_.tokens[index].words.pieces;
  if (pieces.empty() || !is_blank(peek())) return;
  const Piece& last = pieces.back();
  if (last.kind != Piece::Kind::Default || !last.other.empty() || !last.closed || last.quoted) return;
  std::size_t end = at_;
  while (end < text_.size() && is_blank(text_[end])) ++end;
  Expansion further = read_words(text_, end, TextMode::Assignment).expansion;
  if (further.pieces.empty()) return;
  const std::size_t first = result_.tokens.size();
  while (more() && at_ < end) read_statement();
  const auto is_one_statement = [](const Token& token) {
    return token.kind == Token::Kind::Assignment || token.kind == Token::Kind::Unset || token.kind == Token::Kind::Skipped;
  };
  const auto begin = result_.tokens.begin() + static_cast<std::ptrdiff_t>(first);
  if (at_ != end || !std::all_of(begin, result_.tokens.end(), is_one_statement)) return;
  result_.tokens[index].words.statements = result_.tokens.size() - first;
  result_.tokens[index].words.further = std::move(further.pieces);
}

// How many conditions may stand without a `*`: the number behind the colon; without one, 1, unless one of AaEe is there
// (PROCMAIL.md 7.2).
long bare_conditions(std::string_view line, const Expansion& head) {
  const std::string text(line.substr(0, 32));
  char* end = nullptr;
  const long count = std::strtol(text.c_str(), &end, 10);
  if (end != text.c_str()) return count;
  for (const Piece& piece : head.pieces) {
    if (piece.kind != Piece::Kind::Text) continue;
    const std::size_t flag = piece.text.find_first_of("AaEe:");
    if (flag != std::string::npos) return piece.text[flag] == ':' ? 1 : 0;
  }
  return 1;
}

bool Lexer::leave_simple_recipe() {
  auto recipe = simple_recipe_at(text_, at_);
  if (!recipe) return false;
  // Counted here, because an index of all lines would cost more than all else that is done with a simple recipe.
  const std::string_view between = text_.substr(counted_, recipe->begin - counted_);
  line_ += static_cast<std::uint32_t>(std::count(between.begin(), between.end(), '\n'));
  counted_ = recipe->begin;
  recipe->line = line_;
  const bool first = result_.tokens.empty() || result_.tokens.back().kind != Token::Kind::Simple;
  Token& token = first ? add(Token::Kind::Simple, at_) : result_.tokens.back();
  token.recipes.push_back(*recipe);
  at_ = recipe->end;
  return true;
}

void Lexer::read_recipe() {
  const std::size_t begin = at_++;
  const std::string_view rest = rest_of_line();
  Expansion words = read(TextMode::Words);
  long bare = bare_conditions(rest, words);
  add(Token::Kind::Head, begin).words = std::move(words);
  bool gap = false;   // an empty line, in front of any condition
  for (;; --bare) {
    const std::size_t line = at_;
    // While bare conditions are due, every line is one, an empty line and a comment too (PROCMAIL.md 7.2).
    if (bare > 0) {
      next_line();
    } else {
      gap |= skip_to_line();
    }
    if (!more()) {
      complain(begin, "incomplete-recipe", "this recipe has no action before the end of the file: add a folder's name, '| program', '! address' or '{ ... }'");
      Token& note = add(Token::Kind::Note, line);
      note.text = "Incomplete recipe";
      return;
    }
    if (peek() == '*') {
      ++at_;
      read_condition_line();
    } else if (bare > 0) {
      read_condition_line();
    } else if (peek() == ':' && gap) {
      // A recipe without an action: the one that starts here takes its place.
      complain(begin, "missing-action", "this recipe has no action, and is dropped with its conditions: add a folder's name, '| program', '! address' "
               "or '{ ... }' before the next recipe (to do nothing on purpose: '{ }')");
      add(Token::Kind::Note, begin).text = "Missing action";
      return;
    } else {
      read_action();
      return;
    }
  }
}

void Lexer::next_line() {
  if (peek() == '\n') ++at_;
  skip_blanks();
}

// Skips blank lines and comments. True if an empty line was among them.
bool Lexer::skip_to_line() {
  bool gap = false;
  for (next_line(); more(); next_line()) {
    if (peek() == '#') {
      at_ += rest_of_line().size();
    } else if (peek() == '\n') {
      gap = true;
    } else {
      break;
    }
  }
  return gap;
}

// To the end of the line; a line that ends in a backslash goes on in the next, and the backslash and LF stay. A line of a
// backslash alone is an LF (procmailrc(5), "Recipe action line").
std::string Lexer::read_logical_line() {
  std::string out;
  for (bool line_starts = false; more(); ++at_) {
    const char c = peek();
    const bool starts = std::exchange(line_starts, false);
    if (c == '\n') break;
    if (c == '\\' && peek(1) == '\n' && at_ + 1 < text_.size()) {
      out += starts ? "\n" : "\\\n";
      ++at_;
      line_starts = true;
    } else {
      out += c;
    }
  }
  return out;
}

void Lexer::read_condition_line() {
  skip_blanks();
  const std::size_t begin = at_;
  std::string text = read_logical_line();
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  if (text.starts_with("\\\n")) text.erase(0, 1);
  add(Token::Kind::Condition, begin).text = std::move(text);
}

void Lexer::read_action() {
  const std::size_t begin = at_;
  const char c = peek();
  const char next = peek(1);
  if (c == '{' && (is_blank(next) || next == '\n')) {
    ++at_;
    add(Token::Kind::Open, begin);
  } else if (c == '|') {
    ++at_;
    std::string text = read_logical_line();
    add(Token::Kind::Program, begin).text = std::move(text);
  } else if (c == '!') {
    ++at_;
    Expansion words = read(TextMode::Words);
    add(Token::Kind::Forward, begin).words = std::move(words);
  } else if (!read_capture()) {
    Expansion words = read_folder();
    check_folder(begin, words);
    add(Token::Kind::Folder, begin).words = std::move(words);
  }
}

// Folder names that nobody means.
void Lexer::check_folder(std::size_t begin, const Expansion& words) {
  const std::string* name = words.constant();
  if (name && name->empty())
    complain(begin, "empty-folder", "this folder has an empty name, so nothing can be delivered there; /dev/null discards mail");
  const std::string_view line = text_.substr(begin, text_.find('\n', begin) - begin);
  std::size_t name_size = 0;
  while (name_size < line.size() && is_name_char(line[name_size])) ++name_size;
  const bool starts_as_condition = line.starts_with('^') || line.starts_with("? ") || line.starts_with("< ") ||
                                   line.starts_with("> ") || line.substr(name_size).starts_with(" ?? ");
  if (starts_as_condition)
    result_.diagnostics.push_back({Severity::Warning, source_.position(begin), "missing-star",
                                   "this looks like a condition, but is read as the action, a folder's name: start each "
                                   "condition with '*'"});
}

// NAME=| or NAME=!, blanks allowed behind the '='. Anything else is a folder, "A=1" included.
bool Lexer::read_capture() {
  const std::size_t begin = at_;
  std::size_t i = 0;
  if (!is_name_start(peek())) return false;
  while (is_name_char(peek(i))) ++i;
  const std::string name(text_.substr(at_, i));
  if (peek(i) != '=') return false;
  for (++i; is_blank(peek(i)); ++i) {
  }
  const char kind = peek(i);
  if (kind != '|' && kind != '!') return false;
  at_ += i + 1;
  std::string text;
  Expansion words;
  if (kind == '|') {
    text = read_logical_line();
  } else {
    words = read(TextMode::Words);
  }
  Token& token = add(Token::Kind::Capture, begin);
  token.name = name;
  token.text = std::move(text);
  token.words = std::move(words);
  token.forwards = kind == '!';
  return true;
}

// Looking for a capture behind a name, procmail passes over backslashes at line ends and the blanks behind them; so they are
// gone when it is a folder after all: "box\" LF "  x" is boxx. A comment may begin right there, and a blank begins a further
// word, though nothing may come of it.
Expansion Lexer::read_folder() {
  std::size_t i = 0;
  while (is_name_char(peek(i))) ++i;
  if (peek(i) == '=') ++i;
  const bool joins = peek(i) == '\\' && peek(i + 1) == '\n';
  if (!is_name_start(peek()) || (peek(i) != '#' && !joins && !is_blank(peek(i)))) return read(TextMode::Words);
  const std::string name(text_.substr(at_, i));
  at_ += i;
  const bool opens_word = is_blank(peek());
  for (skip_blanks(); peek() == '\\' && peek(1) == '\n'; skip_blanks()) at_ += 2;
  Expansion words = read(TextMode::Words);
  const auto piece = [](Piece::Kind kind, const std::string& text) {
    Piece made;
    made.kind = kind;
    made.text = text;
    return made;
  };
  if (opens_word && !words.pieces.empty()) words.pieces.insert(words.pieces.begin(), piece(Piece::Kind::Break, ""));
  words.pieces.insert(words.pieces.begin(), piece(Piece::Kind::Text, name));
  words.raw_size += name.size();
  words.opens_word = opens_word;
  return words;
}

}  // namespace

LexerResult tokenize(const Source& source, bool leave_simple) { return Lexer(source, leave_simple).run(); }

std::string dump(const std::vector<Token>& tokens) {
  static constexpr const char* kNames[] = {"assignment", "unset",   "close",   "head",    "condition", "open",
                                           "folder",     "forward", "program", "capture", "simple", "skipped",   "note"};
  std::string out;
  for (const Token& token : tokens) {
    out += std::to_string(token.where.line) + ':' + std::to_string(token.where.column) + ' ' +
           kNames[static_cast<std::size_t>(token.kind)];
    if (!token.name.empty()) out += ' ' + token.name;
    if (token.forwards) out += " !";
    if (!token.text.empty()) out += ' ' + quoted(token.text);
    if (const std::string words = dump(token.words); !words.empty()) out += ' ' + words;
    out += '\n';
  }
  return out;
}

}  // namespace rules
