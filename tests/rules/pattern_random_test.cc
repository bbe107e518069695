// Random expressions and texts: every way to match gives the answers of the reference matcher.
// SPDX-License-Identifier: Apache-2.0
//
// The same pairs each time. As many others as you like, from another seed:
//
//   SLUICE_PAIRS=1000000 SLUICE_SEED=7 build/release/bin/test_rules 'random pairs*'
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "rules/regex/capture.h"
#include "rules/regex/dialect.h"
#include "rules/regex/earliest.h"
#include "rules/regex/nfa.h"
#include "rules/regex/pattern.h"
#include "rules/regex/pcre.h"
#include "tests/rules/support/random_expressions.h"
#include "tests/rules/support/reference_matcher.h"

using rules::Pattern;
using rules::PcreMatcher;
using rules::SearchText;
using testing_support::Reference;
using testing_support::ReferenceHit;

namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

std::string described(bool hit, std::size_t end, bool empty,
                      const std::optional<std::pair<std::size_t, std::size_t>>& match) {
  if (!hit) return "no";
  std::string out = "to " + std::to_string(end) + (empty ? ", empty" : "");
  if (match) out += ", MATCH " + std::to_string(match->first) + "-" + std::to_string(match->second);
  return out;
}

template <typename Hit>
std::string described(const std::optional<Hit>& hit) {
  return hit ? described(true, hit->end, hit->empty, hit->match) : "no";
}

// An expression with everything that may answer for it: the pattern, and its parts, each held to its limits.
struct Matchers {
  Matchers(const std::string& expression, bool fold)
      : reference(expression, fold),
        pattern(Pattern::compile(expression, fold ? Pattern::Case::Fold : Pattern::Case::Exact)),
        regex(rules::parse_regex(expression, fold)),
        nfa(rules::build_nfa(regex.tree)),
        linear(nfa),
        forgetful(nfa, 2),
        pcre(regex),
        hasty(regex, 60) {}

  Reference reference;
  Pattern pattern;
  rules::Regex regex;
  rules::Nfa nfa;
  rules::EarliestEnd linear;
  rules::EarliestEnd forgetful;  // keeps two sets of states
  PcreMatcher pcre;
  PcreMatcher hasty;  // gives up after some steps
};

struct Counts {
  std::size_t pairs = 0, matched = 0, captured = 0, excluded = 0, invalid = 0, pcre_gave_up = 0, hasty_gave_up = 0;
};

void compare_readings(const Matchers& m, Counts& counts) {
  REQUIRE(m.pattern.expanded() == m.reference.expanded());
  REQUIRE(m.pattern.problems().empty() == m.reference.is_valid());
  REQUIRE((m.pattern.letters() == Pattern::Case::Fold) == m.reference.folds());
  REQUIRE(m.pattern.captures() == m.regex.captures);
  counts.invalid += !m.reference.is_valid();
}

// Right, or no answer at all.
void compare_pcre(const PcreMatcher& pcre, const SearchText& text, bool matches, std::size_t& gave_up) {
  const auto answer = pcre.match(text.framed());
  gave_up += answer == PcreMatcher::Answer::GaveUp;
  if (answer != PcreMatcher::Answer::GaveUp) REQUIRE((answer == PcreMatcher::Answer::Yes) == matches);
}

// Each engine by itself, for the whole text.
void compare_engines(Matchers& m, const SearchText& text, bool matches, Counts& counts) {
  const auto end = m.linear.find(text.framed(), 0);
  REQUIRE(end.has_value() == matches);
  REQUIRE(m.forgetful.find(text.framed(), 0) == end);
  compare_pcre(m.pcre, text, matches, counts.pcre_gave_up);
  compare_pcre(m.hasty, text, matches, counts.hasty_gave_up);
}

// What is told before matching never excludes a match.
void compare_literals(const Matchers& m, const SearchText& text, bool matches, Counts& counts) {
  if (!m.pattern.may_match(text)) {
    REQUIRE_FALSE(matches);
    REQUIRE(m.reference.is_valid());
    ++counts.excluded;
  }
  if (!matches) return;
  std::string framed(text.framed());
  if (m.pattern.letters() == Pattern::Case::Fold)
    for (char& byte : framed)
      if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
  REQUIRE(framed.find(m.pattern.required_literal()) != std::string::npos);
  if (!m.pattern.field().empty()) REQUIRE(framed.find("\n" + m.pattern.field()) != std::string::npos);
}

void compare_pair(Matchers& m, const std::string& bytes, std::size_t from, Counts& counts) {
  const SearchText text(bytes);
  const auto expected = m.reference.search(bytes, 0);
  REQUIRE(m.pattern.matches(text) == expected.has_value());
  REQUIRE(described(m.pattern.search(text, 0)) == described(expected));
  compare_engines(m, text, expected.has_value(), counts);
  compare_literals(m, text, expected.has_value(), counts);
  // As a weighted condition does it: on from the end of the match, or from anywhere.
  if (expected && !expected->empty) from = expected->end;
  REQUIRE(described(m.pattern.search(text, from)) == described(m.reference.search(bytes, from)));
  ++counts.pairs;
  counts.matched += expected.has_value();
  counts.captured += expected && expected->match;
}

}  // namespace

TEST_CASE("random pairs of expression and text: all matchers agree with the reference") {
  const std::uint64_t pairs = setting("SLUICE_PAIRS", 30'000);
  testing_support::RandomExpressions random(setting("SLUICE_SEED", 20240511));
  Counts counts;
  while (counts.pairs < pairs) {
    const std::string expression = random.expression();
    const bool fold = random.pick(3) != 0;
    CAPTURE(expression, fold);
    Matchers matchers(expression, fold);
    compare_readings(matchers, counts);
    for (std::size_t left = 1 + random.pick(4); left > 0; --left) {
      const std::string bytes = random.text();
      CAPTURE(bytes);
      compare_pair(matchers, bytes, random.pick(bytes.size() + 1), counts);
    }
  }
  if (std::getenv("SLUICE_PAIRS"))
    WARN(counts.pairs << " pairs: " << counts.matched << " match, " << counts.captured << " with MATCH; "
                      << counts.excluded << " excluded at a glance; " << counts.pcre_gave_up
                      << " times PCRE2 gave up, in a hurry " << counts.hasty_gave_up);
  CHECK(counts.matched > pairs / 4);
  CHECK(counts.captured > pairs / 16);
  CHECK(counts.excluded > pairs / 50);
  CHECK(counts.pcre_gave_up <= pairs / 1000);
  CHECK(counts.hasty_gave_up > pairs / 200);
  CHECK(counts.invalid > pairs / 100);
}
