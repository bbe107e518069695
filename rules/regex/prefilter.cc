// One walk over the expression's text, which follows the dialect's grammar as far as literals need it.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/prefilter.h"

#include <cstddef>
#include <utility>

#include "rules/regex/dialect.h"
#include "rules/regex/needs.h"

namespace rules {
namespace {

// Longer expressions are left to the parser: below, no macro can make one that exceeds kMaxRegexBytes.
constexpr std::size_t kMaxGlanced = 1024;
// Deeper groups are left to the parser, too.
constexpr unsigned kMaxGlancedDepth = 20;

constexpr std::array<std::uint8_t, 256> lower_case() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte)
    table[byte] = static_cast<std::uint8_t>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
  return table;
}
constexpr auto kLower = lower_case();

// Bytes that stand for themselves, and the operators.
constexpr std::array<bool, 256> set_of(std::string_view bytes, bool held) {
  std::array<bool, 256> table{};
  table.fill(!held);
  for (const char c : bytes) table[static_cast<std::uint8_t>(c)] = held;
  return table;
}
constexpr auto kPlain = set_of("()[^.$\\|*+?", false);
constexpr auto kOperator = set_of("*+?", true);

using Choices = std::vector<Needs::Sequence>;

class Walk {
 public:
  Walk(std::string_view expression, const TrigramSet* known) : text_(expression), known_(known) {}

  // `needed`: also writes down what was looked for.
  Glance run(Choices* needed = nullptr) {
    if (text_.size() > kMaxGlanced) return Glance::Unsure;
    const bool possible = alternatives(0, needed);
    if (unsure_ || at_ != text_.size()) return Glance::Unsure;
    return possible ? Glance::MayMatch : Glance::CannotMatch;
  }

 private:
  static constexpr int kNoByte = -1;

  // The literal bytes directly before the place reached.
  struct Run {
    std::uint32_t window = 0;
    unsigned size = 0;
  };

  bool at_end() const { return at_ == text_.size() || unsure_; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // Up to the end, or to the `)` that ends the group.
  bool alternatives(unsigned depth, Choices* needed) {
    bool any = sequence(depth, needed ? &needed->emplace_back() : nullptr);
    while (!at_end() && peek() == '|') {
      ++at_;
      if (sequence(depth, needed ? &needed->emplace_back() : nullptr)) any = true;
    }
    return any;
  }

  bool sequence(unsigned depth, Needs::Sequence* needed) {
    bool possible = true;
    Run run;
    for (;;) {
      if (!plain_run(run, needed)) possible = false;
      if (at_end() || peek() == '|' || peek() == ')') break;
      bool atom_possible = true;
      Choices choices;
      const int byte = atom(depth, atom_possible, needed ? &choices : nullptr);
      const char operation = peek();
      const bool repeats = operation == '+';
      const bool may_lack = operation == '*' || operation == '?';
      if (repeats || may_lack) ++at_;
      if (!may_lack && !atom_possible) possible = false;
      if (!may_lack && !choices.empty()) needed->choices.push_back(std::move(choices));
      if (may_lack || byte == kNoByte) {
        run.size = 0;
        continue;
      }
      if (!extends(run, static_cast<std::uint8_t>(byte))) possible = false;
      if (needed && run.size > 2) needed->windows.push_back(run.window);
      if (repeats && run.size > 1) run.size = 1;  // the last round precedes what comes next
    }
    return possible;
  }

  // The quick way through bytes that stand for themselves and have no operator; whether the text may hold them.
  bool plain_run(Run& run, Needs::Sequence* needed) {
    bool possible = true;
    for (; at_ < text_.size(); ++at_) {
      const auto byte = static_cast<std::uint8_t>(text_[at_]);
      if (!kPlain[byte]) break;
      if (at_ + 1 < text_.size() && kOperator[static_cast<std::uint8_t>(text_[at_ + 1])]) break;
      if (possible) possible = extends(run, byte);
      if (needed && run.size > 2) needed->windows.push_back(run.window);
    }
    return possible;
  }

  // Whether the text may hold the run with this byte behind it.
  bool extends(Run& run, std::uint8_t byte) const {
    run.window = (run.window << 8 | kLower[byte]) & 0xffffff;
    return ++run.size < 3 || !known_ || known_->may_hold(run.window);
  }

  // Reads one atom: its byte if it is a literal one, else kNoByte, and for a group whether it may match.
  int atom(unsigned depth, bool& possible, Choices* needed) {
    const char c = text_[at_++];
    switch (c) {
      case '(':
        possible = group(depth, needed);
        return kNoByte;
      case '[':
        skip_class();
        return kNoByte;
      case '^':
        skip_caret();
        return kNoByte;
      case '.':
      case '$':
        return kNoByte;
      case '\\':
        return escape();
      default:
        return static_cast<std::uint8_t>(c);
    }
  }

  bool group(unsigned depth, Choices* needed) {
    unsure_ = unsure_ || depth == kMaxGlancedDepth;
    const bool possible = unsure_ || alternatives(depth + 1, needed);
    unsure_ = unsure_ || peek() != ')';
    ++at_;
    return possible;
  }

  // A macro, the anchor `^^`, or one LF. A macro is always a group, whatever stands in it.
  void skip_caret() {
    const std::size_t macro = macro_size(text_, at_ - 1);
    if (macro > 0) {
      at_ += macro - 1;
    } else if (peek() == '^' && macro_size(text_, at_) == 0) {
      ++at_;
    }
  }

  int escape() {
    if (at_ == text_.size()) return '\\';
    const char c = text_[at_++];
    return c == '<' || c == '>' || c == '/' ? kNoByte : static_cast<std::uint8_t>(c);
  }

  // Behind the `[`; an unclosed class goes to the end.
  void skip_class() {
    if (peek() == '^') check_macro();
    if (peek() == '^') ++at_;
    for (const std::size_t first = at_; at_ < text_.size() && (text_[at_] != ']' || at_ == first); ++at_) {
      check_macro();
      const bool range = text_[at_] == '-' && at_ > first && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (range) ++at_;
      check_macro();
    }
    if (at_ < text_.size()) ++at_;
  }

  // A macro's text ends the class somewhere inside of it.
  void check_macro() { unsure_ = unsure_ || macro_size(text_, at_) > 0; }

  std::string_view text_;
  const TrigramSet* known_;  // null: everything is in the text
  std::size_t at_ = 0;
  bool unsure_ = false;
};

}  // namespace

TrigramSet::TrigramSet(std::string_view text) {
  std::uint32_t window = 0;
  std::size_t seen = 0;
  for (const char c : text) {
    window = (window << 8 | kLower[static_cast<std::uint8_t>(c)]) & 0xffffff;
    if (++seen < 3) continue;
    const std::uint32_t bit = hash(window);
    words_[bit >> 6] |= std::uint64_t{1} << (bit & 63);
  }
}

Needs::Needs(std::string_view expression) {
  if (Walk(expression, nullptr).run(&choices_) == Glance::Unsure) choices_.clear();
}

bool Needs::any_possible(const std::vector<Sequence>& choices, const TrigramSet& text) {
  for (const Sequence& sequence : choices)
    if (is_possible(sequence, text)) return true;
  return false;
}

// No deeper than kMaxGlancedDepth.
bool Needs::is_possible(const Sequence& sequence, const TrigramSet& text) {
  for (const std::uint32_t window : sequence.windows)
    if (!text.may_hold(window)) return false;
  for (const auto& choices : sequence.choices)
    if (!any_possible(choices, text)) return false;
  return true;
}

Glance glance(std::string_view expression, const TrigramSet& text) { return Walk(expression, &text).run(); }

bool is_surely_valid(std::string_view expression) { return Walk(expression, nullptr).run() != Glance::Unsure; }

}  // namespace rules
