// What patterns match, where, and with which MATCH: the verified cases of procmail, hostile patterns.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/pattern.h"

#include <catch2/catch.hpp>
#include <random>

using rules::Pattern;
using rules::SearchText;

namespace {

constexpr auto kFold = Pattern::Case::Fold;
constexpr auto kExact = Pattern::Case::Exact;

// MATCH as a string; "(none)" if it keeps its old value.
std::string match_of(const Pattern& pattern, const std::string& bytes) {
  const SearchText text(bytes);
  const auto hit = pattern.search(text, 0);
  if (!hit || !hit->match) return "(none)";
  return bytes.substr(hit->match->first, hit->match->second - hit->match->first);
}

// The loop of the header comment for `weight^1`; kEndless when an empty match ends it.
constexpr int kEndless = 2147483647;
int count_hits(const std::string& expression, const std::string& bytes) {
  const Pattern pattern = Pattern::compile(expression, kFold);
  const SearchText text(bytes);
  int score = 0;
  std::size_t from = 0;
  while (const auto hit = pattern.search(text, from)) {
    ++score;
    if (hit->empty) return kEndless;
    REQUIRE(hit->end > from);
    from = hit->end;
  }
  return score;
}

}  // namespace

TEST_CASE("procmail's answers, yes or no") {
  struct Row {
    std::string pattern, text;
    bool yes;
    Pattern::Case letters = kFold;
  };
  const std::string header_end = "From: x\nTo: y\n\n";
  const Row rows[] = {
      {"body^^", "body\n", false},  // R1
      {"body$^^", "body\n", true},
      {"body$", "body", true},  // R2
      {"^^^body", "body\n", false},
      {"^^^body", "\nbody\n", true},
      {"a$^b", "a\nb", false},  // R4
      {"a$^b", "a\n\nb", true},
      {"(x|body^^)", "body", true},  // R5
      {"(x|body^^)z*", "body", false},
      {"^^^^", "", true},  // R6
      {"^^^^", "x", false},
      {"^$", "a\nb\n", true},  // R7
      {"^$", "a\nb", false},
      {"^To: y$$^^", header_end, true},  // R8
      {"^To: y$$body", header_end + "body\n", true},
      {"*ody", "*ody", true},  // R10
      {"*ody", "body", false},
      {"a**b", "a*b", true},
      {"a**b", "aab", false},
      {"a+?b", "a?b", true},
      {"a+?b", "ab", false},
      {"a{2}", "aa", false},
      {"a{2}", "a{2}", true},
      {"a||b", "zzz", true},
      {"(ab", "ab", true},  // R15
      {"ab)c", "ab", true},
      {"ab)c", "ac", false},
      {"[ab", "b", true},
      {"x[\\]]y", "x\\]y", true},
      {"x[^a]y", "x\ny", false},
      {"x[z-a]y", "xzy", true},  // R19
      {"x[z-a]y", "xay", true},
      {"x[z-a]y", "xmy", false},
      {"x[[:alpha:]]y", "xay", false},
      {"x[[:alpha:]]y", "xa]y", true},
      {"x[^A]y", "xay", false},  // R21
      {"x[^A]y", "xay", true, kExact},
      {"a\\>\\<b", "a b", false},
      {"a\\>\\<b", "a  b", true},
      {"a\\>b", "a\nb", true},
      {"<body\\>", "body", false},  // R24, its first backslash gone with the prefix
      {"()\\<body\\>", "body", true},
      {"x\\<", "x\xc3", true},  // R25
      {"x\\<", "x_y", false},
      {"a\\nb", "anb", true},
      {"caf.$", "caf\xc3\xa9", false},  // R27
      {"caf..$", "caf\xc3\xa9", true},
      {"\xc3\x89", "\xc3\xa9", false},
      {"one two", "Subject: one  two \tthree", false},  // R40 to R44, on the unfolded header
      {"one  two", "Subject: one  two \tthree", true},
      {"^TOPIC: x", "TOPIC: x", false},  // R54
      {"^TO_foo", "Delivered-To: foo", false},
      {"^TO_foo", "X-Original-To: foo", false},
      {"^TO_foo", "Cc: a, foo", true},
      {"^TO_foo", "Apparently-Resent-To: foo", true},
      {"^TO_foo", "To: a-foo", false},
      {"^TOfoo", "To: a-foo", true},
      {"^FROM_DAEMON", "Precedence: BULK", true, kExact},  // R56
      {"^FROM_MAILER", "From: MAILER-DAEMON@x (Mail)\n", true},
      {"^FROM_MAILER", "From: mailer.b@x", false},
      {"^FROM_MAILER", "Precedence: bulk", false},
      {"^FROM_DAEMON", "List-Id: x", false},
      {"a\\.b", "a.b", true},    // R57
      {"^^(^|,)a", "a", false},  // R58
      {"body", std::string("\0\0body", 6), true},
      {"x.y", std::string("x\0y", 3), true},
      {"a", "", false},
      {"", "", true},
      {"", "x", true},
      {"x^^*", "x", true},
      {"x^^+", "x", false},
      {"^^*x", "ax", true},
      {"^^$", "", true},
      {"^^$", "a", false},
      {"[", "a", false},
      {"a\nb", "a\nb", true},
      {"a[\n]", "a", true},
      {"a[\n]^^", "a", false},
      {"x[^\nb]y", "x\ny", false},
      {"x[^\nb]y", "xay", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.text);
    const Pattern pattern = Pattern::compile(row.pattern, row.letters);
    const SearchText text(row.text);
    CHECK(pattern.matches(text) == row.yes);
    CHECK(pattern.search(text, 0).has_value() == row.yes);
    CHECK_FALSE(pattern.captures());
  }
}

TEST_CASE("MATCH is the text from the earliest marker to the longest end") {
  struct Row {
    std::string pattern, text, match;
  };
  const Row rows[] = {
      {"^Subject: \\/(foo|foo bar)", "Subject: foo bar\n\n", "foo bar"},  // R29
      {"^Subject: \\/.+$", "Subject: foo\nTo: y\n\n", "foo\n"},
      {"^Subject: \\/.+$", "Subject: foo", "foo"},
      {"()\\/^To:.*", "From: x\nTo: y\n\n", "\nTo: y"},  // R31
      {"()\\/^To:.*", "To: y\n\n", "To: y"},
      {"^\\/To:.*", "From: x\nTo: y\n\n", "To: y"},
      {"^Subject:.*\\/foo.*", "Subject: foo bar foo baz\n\n", "foo bar foo baz"},  // R33
      {"^^a+\\/b?", "aab", ""},                                                    // R35, without the defect
      {"^^a*\\/b?", "aab", ""},
      {"^^aa*\\/b?", "aab", ""},
      {"^^.+\\/c*", "   abc", ""},  // R37, likewise
      {"^^(a|aa\\/a)", "aaa", "(none)"},
      {"(x|xa)\\/a*", "yxaaab", "aaa"},  // R39
      {"^Subject:\\/.*", "Subject: one  two \tthree\n\n", " one  two \tthree"},
      {"x?\\/a*", "yxaaa", ""},  // 10.4
      {"^SUBJECT: \\/.*", "subject: MiXed\n", "MiXed"},
      {"(a|\\/a)", "a", "a"},
      {"a(\\/b)*", "ac", "(none)"},
      {"a(b|\\/bc)", "abc", "(none)"},
      {"(x\\/.*z|a\\/)", "xaz", "az"},
      {"(x\\/.*z|a\\/)", "xab", ""},
      {"(x\\/aaaz|xa\\/)", "xaaaz", "aaaz"},
      {"xa\\/|x\\/aac", "xaac", "aac"},
      {"x\\/a*|xaab", "xaab", "aa"},
      {"a\\/(b|)(\\/c|)", "abc", "bc"},
      {"(a\\/b|b\\/)c", "abc", "bc"},
      {"(\\/a)*b", "aab", "aab"},
      {"x\\/^^", "x", ""},
      {"^^\\/a", "ba", "(none)"},
      {"()\\/a^^", "ba", "a"},
      {"()\\/.*$^^", "ab\ncd\n", "cd\n"},
      {"\\/", "abc", ""},
      {"\\/$", "abc", ""},
      {"$\\/", "abc", ""},
      {"c$\\/", "abc", "(none)"},
      {"c\\/$", "abc", ""},
      {"x[\\/]", "x/", "(none)"},
      {"nope\\/x", "abc", "(none)"},
      {"\\[\\/[^]]+", "Subject: [dev] hello", "dev"},
      {"^From:.*\\<\\/[a-z.]+@[a-z.]+", "From: A <a.b@c.d>, x@y\n", "a.b@c.d"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.text);
    const Pattern pattern = Pattern::compile(row.pattern, kFold);
    CHECK(match_of(pattern, row.text) == row.match);
  }
}

TEST_CASE("weighted conditions find each hit once") {
  struct Row {
    std::string pattern, text;
    int score;
  };
  const Row rows[] = {
      {"^", "a\nb\nc\n", kEndless},  // R45
      {"", "a\nb\nc\n", kEndless},
      {"^.*$", "a\nb\nc\n", 4},  // R46
      {"^.*$", "a\nb\nc", 3},
      {"^.*$", "", 1},
      {"^.*$", "\n\n", 3},
      {"aba", "ababa", 1},  // R47
      {"l", std::string(50, 'l'), 50},
      {"abcdef|cd|ef", "abcdefcd", 3},
      {"()\\<a\\>", "a a a a", 2},
      {"()\\<a\\>", "a\na\na", 3},
      {"^a", "a\na\na", 3},
      {"^a$", "a\na\na\n", 3},
      {"^^a", "a\na", 1},
      {"^^a", "aaa", 1},
      {"a^^", "a", 1},
      {"^^", "ab", kEndless},
      {"$^^", "a\n", kEndless},
      {"a*", "aab", kEndless},
      {".*b", "abab", 2},
      {"$$", "a\n\n\n\nb", 3},
      {"$$", "a\n\n\n\n", 4},
      {"$$", "\n", 2},
      {".$", "abc", 1},
      {"(^|b)a", "ababa\na", 4},
      {"a\\/b", "abab", 2},
      {"a|^$", "a", 2},
      {"a|^$", "aa", 3},
      {"a|^$", "a\n", 2},
      {"a|$^^", "a", 2},
      {"a|$^^", "a\na", 3},
      {"a|()^^", "a", kEndless},
      {"a|^^$", "a", 1},
      {"a|$.?^^", "ab", 1},
      {"a|^^", "ab", kEndless},
      {"a|b*^^", "ab", kEndless},
      {"a|b^^", "ab", 2},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.text);
    CHECK(count_hits(row.pattern, row.text) == row.score);
  }
  const SearchText text("ab");
  CHECK_FALSE(Pattern::compile("", kFold).search(text, 3));
  CHECK(Pattern::compile("", kFold).search(text, 2)->empty);
}

TEST_CASE("each hit of a search carries its MATCH") {
  const Pattern pattern = Pattern::compile("^X: \\/.*", kFold);
  const SearchText text("X: one\nX: two\n");
  auto hit = pattern.search(text, 0);
  REQUIRE(hit);
  CHECK(hit->end == 3);  // where it could first end: MATCH goes further
  CHECK(hit->match == std::pair<std::size_t, std::size_t>(3, 6));
  hit = pattern.search(text, hit->end);
  REQUIRE(hit);
  CHECK(hit->match == std::pair<std::size_t, std::size_t>(10, 13));
  CHECK_FALSE(pattern.search(text, hit->end));
}

TEST_CASE("a match that may be nothing, if only at the end, is an empty one at once") {
  for (const char* expression : {"b|^^", "b|c*^^", "()^^", "^^", "a*", "$*^^"}) {
    CAPTURE(expression);
    const auto hit = Pattern::compile(expression, kFold).search(SearchText("bba"), 0);
    REQUIRE(hit);
    CHECK(hit->end == 0);
    CHECK(hit->empty);
  }
}

TEST_CASE("the longest MATCH is looked for only as far as may be read on") {
  const Pattern pattern = Pattern::compile("a\\/(.*b)?", kFold);
  const SearchText text("aaaaaaab");
  struct Row {
    std::size_t read_on, match_end, left;
  };
  for (const Row& row : {Row{100, 8, 92}, Row{8, 8, 0}, Row{7, 8, 0}, Row{6, 1, 0}, Row{0, 1, 0}}) {
    std::size_t read_on = row.read_on;
    CAPTURE(read_on);
    const auto hit = pattern.search(text, 0, read_on);
    REQUIRE(hit);
    CHECK(hit->end == 1);
    CHECK(hit->match == std::pair<std::size_t, std::size_t>(1, row.match_end));
    CHECK(read_on == row.left);
  }
}

TEST_CASE("PCRE2 is asked for the first lines of a field only, and the answers are the same") {
  const Pattern pattern = Pattern::compile("^X:(a|aa)*[bc]", kFold);
  std::string lines;
  for (int line = 0; line < 200; ++line) lines += "X:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
  CHECK_FALSE(pattern.matches(SearchText(lines)));
  CHECK(pattern.matches(SearchText(lines + "X:aab\n")));
  const auto hit = pattern.search(SearchText(lines + "X:aab\n"), 0);
  REQUIRE(hit);
  CHECK(hit->end == lines.size() + 5);
}

TEST_CASE("hostile patterns and texts take linear time") {
  constexpr std::size_t kSize = 1'000'000;
  const std::string patterns[] = {"a.*b.*[cd][0-9]",
                                  "[ \t]+$x",
                                  "(a|aa)*[yz]",
                                  "(a*)*y",
                                  "((((a*)*)*)*)*y",
                                  "(.*)*x",
                                  "[^xyz]*[yz]",
                                  "(.*a.*)*(.*b.*)*x",
                                  ".*.*.*.*.*.*x",
                                  "(a|b|ab)*(c|d)*$^x",
                                  "(.*)*\\/(.*)*x",
                                  "^FROM_DAEMON",
                                  "a.......................x"};
  std::string mixed;
  std::mt19937 random(7);
  while (mixed.size() < kSize) mixed += "ab \nFrom:"[random() % 9];
  std::string unruly;  // makes each step of "a......x" meet a new set of states
  while (unruly.size() < 60'000) unruly += "ab"[random() % 2];
  for (const std::string& expression : patterns) {
    CAPTURE(expression);
    const Pattern pattern = Pattern::compile(expression, kFold);
    for (const std::string& bytes : {std::string(kSize, 'a'), std::string(60'000, ' '), mixed, unruly}) {
      const SearchText text(bytes);
      CHECK_FALSE(pattern.matches(text));
      CHECK_FALSE(pattern.search(text, 0));
    }
  }
  // MATCH over a long text: every byte is walked with all states.
  const Pattern capture = Pattern::compile("^a*\\/(a|aa)*", kFold);
  const auto hit = capture.search(SearchText(std::string(100'000, 'a')), 0);
  REQUIRE(hit);
  CHECK(hit->match == std::pair<std::size_t, std::size_t>(0, 100'000));
}

TEST_CASE("copies share their matchers, and an unused pattern is not even parsed") {
  const Pattern first = Pattern::compile("^A\\/b", kExact);
  Pattern second = first;
  CHECK(second.matches(SearchText("Ab")));
  second = Pattern::compile("x", kExact);
  CHECK_FALSE(second.matches(SearchText("Ab")));
  CHECK(first.matches(SearchText("Ab")));
  CHECK_FALSE(first.matches(SearchText("ab")));
  CHECK(first.captures());
  CHECK(first.text() == "^A\\/b");
}
