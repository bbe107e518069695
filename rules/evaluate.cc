// Expansions to values and words.
// SPDX-License-Identifier: Apache-2.0
#include "rules/evaluate.h"

#include <utility>

#include "rules/limits.h"
#include "rules/word_reader.h"

namespace rules {
namespace {

class Filler {
 public:
  Filler(Holes& holes, bool split) : holes_(holes), split_(split) {}

  void fill(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) fill(piece);
  }
  bool swallows() const { return swallows_; }
  std::vector<Value> take_words() { return end_word(), std::move(words_); }
  ProgramWords take_program(bool with_arguments);

 private:
  void fill(const Piece& piece);
  void fill_default(const Piece& piece);
  const Value* find(const std::string& name);
  void append(const Value& value, bool quoted);
  void end_word();

  Holes& holes_;
  bool split_;
  std::vector<Value> words_;
  Value word_;
  Value zero_;                             // $0
  bool swallows_ = false;                  // a default that is nothing takes the blanks behind it away
  bool open_ = false;                      // a word has begun, though it may be empty: ""
  std::size_t size_ = 0;
  std::size_t arguments_behind_ = std::string::npos;   // "$@" stood in this word, behind so many bytes
  std::size_t arguments_at_ = std::string::npos;       // the last word that ended in "$@"
};

// "$@" counts where a word ends in it, and takes the whole word's place, as observed; elsewhere it is nothing.
void Filler::end_word() {
  const std::size_t behind = std::exchange(arguments_behind_, std::string::npos);
  if (!std::exchange(open_, false)) return;
  if (behind == word_.text().size()) arguments_at_ = words_.size();
  words_.push_back(std::exchange(word_, {}));
}

void Filler::append(const Value& value, bool quoted) {
  if (size_ > kMaxLine) return;
  size_ += value.text().size();
  if (quoted || !split_) {
    word_.append(value);
    open_ = true;
    return;
  }
  for (std::size_t i = 0; i < value.text().size(); ++i) {
    const char c = value.text()[i];
    if (is_blank(c) || c == '\n') {
      end_word();
    } else {
      word_.append(c, value.origin(i));
      open_ = true;
    }
  }
}

void Filler::fill(const Piece& piece) {
  const bool swallowed = std::exchange(swallows_, false);
  switch (piece.kind) {
    case Piece::Kind::Text:
      // What the file itself says is never split, quoted or not.
      append(Value(piece.text), true);
      break;
    case Piece::Kind::Break:
      if (!swallowed) end_word();
      break;
    case Piece::Kind::Variable:
      if (const Value* value = holes_.variable(piece.text)) append(*value, piece.quoted);
      break;
    case Piece::Kind::Escaped: {
      const Value* value = find(piece.text);
      append(escape_regexp(value ? *value : Value()), true);
      break;
    }
    case Piece::Kind::Positional:
      if (const Value* value = find(piece.text)) append(*value, piece.quoted);
      break;
    case Piece::Kind::Special: append(holes_.special(piece.text[0]), piece.quoted); break;
    case Piece::Kind::AllArguments:
      open_ = true;
      arguments_behind_ = word_.text().size();
      break;
    case Piece::Kind::Default: fill_default(piece); break;
    case Piece::Kind::Backquote: append(holes_.backquote(piece.text, size_), piece.quoted); break;
    case Piece::Kind::BadSubstitution: holes_.bad_substitution(piece.text); break;
  }
}

// A variable's value, or that of $0, $1, ...; nullptr: unset.
const Value* Filler::find(const std::string& name) {
  if (!is_digit(name[0])) return holes_.variable(name);
  const auto index = static_cast<std::size_t>(name[0] - '0');
  if (index == 0) return &(zero_ = holes_.special('0'));
  return index <= holes_.arguments().size() ? &holes_.arguments()[index - 1] : nullptr;
}

void Filler::fill_default(const Piece& piece) {
  const Value* value = find(piece.text);
  const bool set = value && !(piece.when_empty && value->empty());
  if (set != piece.when_set) {
    // The value is put in place at the '}'; without one, what was read stays, its own substitutions left out.
    if (!piece.closed) {
      for (const Piece& text : piece.other)
        if (text.kind == Piece::Kind::Text) fill(text);
    } else if (value && set) {
      append(*value, piece.quoted);
    }
    for_each_bad_substitution(piece.other, [this](const std::string& name) { holes_.bad_substitution(name); });
  } else {
    fill(piece.other);
    swallows_ = piece.other.empty() && piece.closed && !piece.quoted;
  }
}

ProgramWords Filler::take_program(bool with_arguments) {
  ProgramWords out;
  out.named = take_words();
  out.given = out.named;
  const std::vector<Value>& arguments = holes_.arguments();
  if (with_arguments && !arguments.empty() && arguments_at_ < out.given.size()) {
    const auto place = out.given.erase(out.given.begin() + static_cast<std::ptrdiff_t>(arguments_at_));
    out.given.insert(place, arguments.begin(), arguments.end());
  }
  return out;
}

}  // namespace

Value fill_text(const Expansion& expansion, Holes& holes) {
  Filler filler(holes, false);
  filler.fill(expansion.pieces);
  std::vector<Value> words = filler.take_words();
  return words.empty() ? Value() : std::move(words.front());
}

Value fill_value(const Expansion& expansion, Holes& holes, bool& takes_further) {
  Filler filler(holes, false);
  filler.fill(expansion.pieces);
  takes_further = filler.swallows() && !expansion.further.empty();
  if (takes_further) filler.fill(expansion.further);
  std::vector<Value> words = filler.take_words();
  return words.empty() ? Value() : std::move(words.front());
}

std::vector<Value> fill_words(const Expansion& expansion, Holes& holes) {
  Filler filler(holes, true);
  filler.fill(expansion.pieces);
  return filler.take_words();
}

ProgramWords fill_program(const Expansion& expansion, Holes& holes, bool with_arguments) {
  Filler filler(holes, true);
  filler.fill(expansion.pieces);
  return filler.take_program(with_arguments);
}

Value escape_regexp(const Value& value) {
  static constexpr std::string_view kSpecial = "(|)*?+.^$[\\";
  Value out("()");
  for (std::size_t i = 0; i < value.text().size(); ++i) {
    const char c = value.text()[i];
    if (kSpecial.find(c) != std::string_view::npos) out.append('\\', value.origin(i));
    out.append(c, value.origin(i));
  }
  return out;
}

}  // namespace rules
