// What can be told from an expression's text alone, and that it never changes an answer.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/prefilter.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "rules/regex/capture.h"
#include "rules/regex/dialect.h"
#include "rules/regex/earliest.h"
#include "rules/regex/nfa.h"
#include "rules/regex/pattern.h"

using rules::Glance;
using rules::Pattern;
using rules::SearchText;
using rules::TrigramSet;

namespace {

const std::string kHeader = "\nFrom: anna@example.org\nTo: dev@lists.example.org\nSubject: [dev] Hello World\n\n\n";

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

}  // namespace

TEST_CASE("expressions that surely do not match, at a glance") {
  struct Row {
    std::string expression;
    Glance glance;
  };
  constexpr auto kMay = Glance::MayMatch;
  constexpr auto kCannot = Glance::CannotMatch;
  constexpr auto kUnsure = Glance::Unsure;
  const Row rows[] = {
      {"", kMay},
      {"^Subject:.*hello", kMay},
      {"^Subject:.*HELLO", kMay},
      {"^Subject:.*goodbye", kCannot},
      {"^X-Spam: yes", kCannot},
      {"zz", kMay},  // too short to tell
      {"zzz", kCannot},
      {"zzz|hello", kMay},
      {"zzz|yyy", kCannot},
      {"|zzz", kMay},
      {"zzz|", kMay},
      {"(zzz|yyy)hello", kCannot},
      {"(zzz|yyy)?hello", kMay},
      {"(zzz|yyy)*hello", kMay},
      {"(zzz|yyy)+hello", kCannot},
      {"((zzz|hello)(yyy|world))", kMay},  // runs end at groups
      {"((zzz|hello) (yyy|world))", kMay},
      {"hello (big )?world", kMay},
      {"wor+ld", kMay},
      {"worr+ld", kCannot},
      {"zzzz*", kCannot},  // "zzz" remains
      {"zzz*", kMay},
      {"zzz?", kMay},
      {"zzz+", kCannot},
      {"*zzz", kCannot},  // a literal star
      {"hel.*lo", kMay},
      {"hel[l]o", kMay},
      {"[zzz", kMay},
      {"[]zzz]", kMay},
      {"[^]zzz]", kMay},
      {"[a-]zzz]", kCannot},
      {"\\zzz", kCannot},
      {"\\zz", kMay},
      {"z\\<zz", kMay},
      {"zz\\", kCannot},  // the backslash itself
      {"hel\\/lo", kMay},
      {"\\(dev\\)", kCannot},
      {"\\[dev\\]", kMay},
      {"^TO_dev", kMay},
      {"^TO_zzz", kCannot},
      {"^TO_?zzz", kCannot},
      {"^FROM_DAEMON", kMay},
      {"\\^TO_", kCannot},
      {"\\\\^TO_", kCannot},
      {"^^^From", kMay},
      {"^^^TO_dev", kMay},
      {"[^TO]x", kUnsure},
      {"[x^TO_]", kUnsure},
      {"[x-^TO]", kUnsure},
      {"(zzz", kUnsure},
      {"zzz)", kUnsure},
      {"(", kUnsure},
      {")", kUnsure},
      {"((zzz)", kUnsure},
      {repeated("(", 20) + "zzz" + repeated(")", 20), kCannot},
      {repeated("(", 21) + "zzz" + repeated(")", 21), kUnsure},
      {repeated("z", 1024), kCannot},
      {repeated("z", 1025), kUnsure},
  };
  const TrigramSet known(kHeader);
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(rules::glance(row.expression, known) == row.glance);
    CHECK(rules::is_surely_valid(row.expression) == (row.glance != Glance::Unsure));
  }
}

TEST_CASE("a text holds its own trigrams, and few others") {
  const TrigramSet none("ab");
  const TrigramSet one("aBc");
  CHECK(one.may_hold('a' << 16 | 'b' << 8 | 'c'));
  std::size_t held = 0;
  for (std::uint32_t window = 0; window < 1 << 16; ++window) held += one.may_hold(window) + none.may_hold(window);
  CHECK(held <= 2);
}

namespace {

// Random expressions from pieces, mostly sound, and texts that have something in common with them.
class Pieces {
 public:
  explicit Pieces(unsigned seed) : random_(seed) {}
  unsigned pick(std::size_t bound) { return static_cast<unsigned>(random_() % bound); }

  std::string expression() {
    static const std::string kPieces[] = {
        "abc", "bca",   "cab",  "aab",          "b",  "To:", "(",  ")",    "|",    "*",     "+",
        "?",   "[ab]",  "[^a]", "[^TO",         "]",  "[",   "\\", "\\/",  "\\<",  "^",     "$",
        "^^",  "^TO_",  "^TO",  "^FROM_MAILER", ".",  ".*",  "-",  "(ab|", "(bc)", "(ca)?", "abca",
        "bbb", "\\abc", "x-a:", "(abc|bca)",    "ABC"};
    std::string text;
    for (unsigned left = 1 + pick(6); left > 0; --left) text += kPieces[pick(std::size(kPieces))];
    return text;
  }

  std::string field_expression() {
    static const std::string kPieces[] = {"a",  "b", "ab", ".*",   "(a|b)", "[^a]", "$",  "\\/", "a+",    "\\>",
                                          "b*", " ", ".",  "(a)?", "^",     "^^",   "()", "$x",  "[^b]*", "\\/.*"};
    std::string text = pick(4) ? "^x:" : "^x\\/y:";
    for (unsigned left = pick(5); left > 0; --left) text += kPieces[pick(std::size(kPieces))];
    return text;
  }

  std::string text(const std::string& bytes, std::size_t longest) {
    std::string out;
    for (unsigned left = pick(longest); left > 0; --left) out += bytes[pick(bytes.size())];
    return out;
  }

  std::string lines() {
    static const std::string kStarts[] = {"x:", "X:", "xy:", "a", "x", ""};
    std::string out;
    for (unsigned left = pick(5); left > 0; --left) out += kStarts[pick(std::size(kStarts))] + text("ab ", 6) + "\n";
    if (pick(2)) out += kStarts[pick(std::size(kStarts))] + text("ab", 4);
    return out;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("random expressions: what a glance excludes does not match, and what it trusts has no error") {
  Pieces pieces(11);
  std::size_t excluded = 0, matched = 0;
  for (int round = 0; round < 60'000; ++round) {
    const std::string expression = pieces.expression();
    const bool fold = pieces.pick(2) == 0;
    const SearchText text(pieces.text("abcaabbccA\nTo:-\\(", 40));
    CAPTURE(expression, text.bytes(), fold);
    const rules::Regex regex = rules::parse_regex(expression, fold);
    if (rules::is_surely_valid(expression)) REQUIRE(regex.problems.empty());
    const rules::Nfa nfa = rules::build_nfa(regex.tree);
    const bool matches = rules::EarliestEnd(nfa).find(text.framed(), 0).has_value();
    const bool cannot = rules::glance(expression, text.trigrams()) == Glance::CannotMatch;
    REQUIRE_FALSE((matches && cannot));
    excluded += cannot;
    matched += matches;
    const Pattern pattern = Pattern::compile(expression, fold ? Pattern::Case::Fold : Pattern::Case::Exact);
    REQUIRE(pattern.matches(text) == matches);
    REQUIRE(pattern.search(text, 0).has_value() == matches);
    REQUIRE(pattern.problems() == regex.problems);
    REQUIRE(pattern.captures() == regex.captures);
  }
  CHECK(excluded > 20'000);
  CHECK(matched > 8'000);
}

TEST_CASE("random expressions that begin with a field are as if all lines were looked at") {
  Pieces pieces(12);
  std::size_t matched = 0, marked = 0;
  for (int round = 0; round < 40'000; ++round) {
    const std::string expression = pieces.field_expression();
    const SearchText text(pieces.lines());
    const Pattern pattern = Pattern::compile(expression, Pattern::Case::Fold);
    const rules::Regex regex = rules::parse_regex(expression, true);
    const rules::Nfa nfa = rules::build_nfa(regex.tree);
    rules::EarliestEnd engine(nfa);
    const std::size_t from = pieces.pick(3) ? 0 : pieces.pick(text.bytes().size() + 1);
    const std::size_t start = text.framed()[from] == '\n' ? from : from + 1;
    CAPTURE(expression, text.bytes(), from);
    const auto end = engine.find(text.framed(), start);
    const auto hit = pattern.search(text, from);
    if (from == 0) REQUIRE(pattern.matches(text) == end.has_value());
    if (from == text.bytes().size() && start > from) continue;  // what the end of a text adds is tested elsewhere
    REQUIRE(hit.has_value() == end.has_value());
    if (!end) continue;
    ++matched;
    REQUIRE(hit->end + 1 == std::max(*end, from + 1));
    if (!regex.captures) continue;
    std::size_t read_on = text.framed().size();
    const auto capture = rules::CaptureWalk(nfa).find(text.framed(), start, *end, read_on);
    const bool counts = capture && capture->first <= text.bytes().size() + 1;
    REQUIRE(hit->match.has_value() == counts);
    if (!counts) continue;
    ++marked;
    const auto clip = [&](std::size_t at) { return std::clamp<std::size_t>(at, 1, text.bytes().size() + 1) - 1; };
    REQUIRE(hit->match == std::pair(clip(capture->first), clip(capture->second)));
  }
  CHECK(matched > 3'000);
  CHECK(marked > 500);
}
