// What procmail's expressions mean: tree, PCRE2 text, macros, problems, literals.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/dialect.h"

#include <catch2/catch.hpp>

#include "rules/regex/literals.h"
#include "rules/regex/pattern.h"
#include "rules/regex/pcre.h"

using rules::Pattern;

TEST_CASE("expressions become trees and PCRE2 text") {
  struct Row {
    std::string pattern, tree, pcre;
  };
  const Row rows[] = {
      {"", "empty", ""},
      {"ab", "(cat 'a' 'b')", "ab"},
      {"a|b|", "(alt 'a' 'b' empty)", "a|b|"},
      {"(ab)*c", "(cat (star (cat 'a' 'b')) 'c')", "(?:ab)*c"},
      {"a(b|c)d", "(cat 'a' (alt 'b' 'c') 'd')", "a(?:b|c)d"},
      {"((a))", "'a'", "a"},
      {"a**b", "(cat (star 'a') '\\*' 'b')", "a*\\*b"},
      {"a+?b", "(cat (plus 'a') '\\?' 'b')", "a+\\?b"},
      {"*a|*b|(+c)", "(alt (cat '\\*' 'a') (cat '\\*' 'b') (cat '\\+' 'c'))", "\\*a|\\*b|\\+c"},
      {"a{2}", "(cat 'a' '\\{' '2' '\\}')", "a\\{2\\}"},
      {".^$", "(cat [^\\n] LF LF)", "[^\\n]\\n\\n"},
      {"\\<a\\>", "(cat [^0-9A-Z_a-z] 'a' [^0-9A-Z_a-z])", "[^0-9A-Z_a-z]a[^0-9A-Z_a-z]"},
      {"a\\n\\d\\.\\\\", "(cat 'a' 'n' 'd' '\\.' '\\\\')", "and\\.\\\\"},
      {"a\\", "(cat 'a' '\\\\')", "a\\\\"},
      {"a\\/b", "(cat 'a' mark 'b')", "ab"},
      {"[ab]", "[ab]", "[ab]"},
      {"[^a]", "[^\\na]", "[^\\na]"},
      {"[]a]", "[\\]a]", "[\\]a]"},
      {"[-a][a-][a-c-e]", "(cat [\\-a] [\\-a] [a-e])", "[\\-a][\\-a][a-e]"},
      {"[z-a]", "[az]", "[az]"},
      {"[\\]]", "(cat '\\\\' '\\]')", "\\\\\\]"},
      {"[[:alpha:]]", "(cat [\\:\\[ahlp] '\\]')", "[\\:\\[ahlp]\\]"},
      {"[ab", "[ab]", "[ab]"},
      {"[", "[]", "(?!)"},
      {"[^", "[^\\n]", "[^\\n]"},
      {"^^a", "(cat start 'a')", "\\A\\na"},
      {"a^^", "(cat 'a' end)", "a(?=\\n\\z)"},
      {"^^", "end", "(?=\\n\\z)"},
      {"^^^^", "(cat start end)", "\\A\\n(?=\\n\\z)"},
      {"^^^a", "(cat start LF 'a')", "\\A\\n\\na"},
      {"(x|y^^)", "(alt 'x' (cat 'y' end))", "x|y(?=\\n\\z)"},
      {"x^^|y", "(alt (cat 'x' end) 'y')", "x(?=\\n\\z)|y"},
      {"(x|y^^)z*", "(cat (alt 'x' (cat 'y' start)) (star 'z'))", "(?:x|y\\A\\n)z*"},
      {"(y^^)*", "(star (cat 'y' start))", "(?:y\\A\\n)*"},
      {"y^^()", "(cat 'y' start empty)", "y\\A\\n"},
      {"\xc3\xa9 \t", "(cat '\\xc3' '\\xa9' '\\x20' '\\x09')", "\\xc3\\xa9\\x20\\x09"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const Pattern pattern = Pattern::compile(row.pattern, Pattern::Case::Exact);
    CHECK(pattern.dump() == row.tree);
    CHECK(pattern.pcre_text() == row.pcre);
    CHECK(pattern.problems().empty());
  }
}

TEST_CASE("case folding is part of the sets") {
  struct Row {
    std::string pattern, tree, pcre;
  };
  const Row rows[] = {
      {"Ab1", "(cat 'a'/i 'b'/i '1')", "ab1"},
      {"[^A]", "[^\\nAa]", "[^\\nAa]"},
      {"\xc9", "'\\xc9'", "\\xc9"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const Pattern pattern = Pattern::compile(row.pattern, Pattern::Case::Fold);
    CHECK(pattern.dump() == row.tree);
    CHECK(pattern.pcre_text() == row.pcre);
  }
  const Pattern range = Pattern::compile("[X-b]", Pattern::Case::Fold);
  for (const char* text : {"X", "x", "_", "^", "z", "a", "B"}) CHECK(range.matches(rules::SearchText(text)));
  for (const char* text : {"w", "c", "W"}) CHECK_FALSE(range.matches(rules::SearchText(text)));
}

TEST_CASE("macros are replaced as text") {
  const std::string to_word =
      "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):(.*[^a-zA-Z])?)";
  const std::string to_address =
      "(^((Original-)?(Resent-)?(To|Cc|Bcc)|(X-Envelope|Apparently(-Resent)?)-To):(.*[^-a-zA-Z0-9_.])?)";
  struct Row {
    std::string pattern, expanded;
  };
  const Row rows[] = {
      {"^TO_x", to_address + "x"},
      {"^TOx", to_word + "x"},
      {"^TOPIC", to_word + "PIC"},
      {"a^TO^TO_", "a" + to_word + to_address},
      {"\\^TOx", "\\^TOx"},
      {"\\\\^TO_x", "\\\\^TO_x"},
      {"^to_x", "^to_x"},
      {"^FROM_DAEMO", "^FROM_DAEMO"},
      {"(^TO|x)", "(" + to_word + "|x)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CHECK(Pattern::compile(row.pattern, Pattern::Case::Exact).expanded() == row.expanded);
  }
  CHECK(Pattern::compile("^FROM_DAEMON", Pattern::Case::Exact).letters() == Pattern::Case::Fold);
  CHECK(Pattern::compile("^FROM_MAILER", Pattern::Case::Exact).letters() == Pattern::Case::Exact);
  CHECK(Pattern::compile("^TO_", Pattern::Case::Exact).letters() == Pattern::Case::Exact);
  const std::string daemon = Pattern::compile("^FROM_DAEMON", Pattern::Case::Fold).expanded();
  CHECK(daemon.size() == 447);
  CHECK(daemon.find("[%@>\t ]") != std::string::npos);
}

TEST_CASE("unbalanced parentheses are reported, and what stands before them is kept") {
  struct Row {
    std::string pattern, tree;
    std::size_t error_at;
  };
  const Row rows[] = {
      {"(ab", "(cat 'a' 'b')", 3},
      {"ab)c", "(cat 'a' 'b')", 2},
      {"a(b|c", "(cat 'a' (alt 'b' 'c'))", 5},
      {"a|b)c", "(alt 'a' 'b')", 3},
      {"((a)", "'a'", 4},
      {")a", "empty", 0},
      {"(", "empty", 1},
      {"a|(", "(alt 'a' empty)", 3},
      {"a^^)c", "(cat 'a' end)", 3},
      {"(a)*)", "(star 'a')", 4},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    const rules::Regex regex = rules::parse_regex(row.pattern, false);
    CHECK(dump(regex.tree) == row.tree);
    CHECK(regex.error_at == row.error_at);
    CHECK(regex.problems == std::vector<std::string>{"Invalid regexp \"" + row.pattern + "\""});
  }
}

TEST_CASE("size and depth are bounded") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "a" + std::string(depth, ')'); };
  CHECK(rules::parse_regex(nested(rules::kMaxGroupDepth - 1), true).problems.empty());
  CHECK(rules::parse_regex(nested(rules::kMaxGroupDepth), true).problems.empty());
  const rules::Regex deep = rules::parse_regex(nested(rules::kMaxGroupDepth + 1), true);
  REQUIRE(deep.problems.size() == 1);
  CHECK(deep.problems[0] == "Regular expression with more than 1000 nested groups, rest ignored");
  CHECK(deep.error_at == rules::kMaxGroupDepth);

  CHECK(rules::parse_regex(std::string(rules::kMaxRegexBytes, 'a'), true).problems.empty());
  const rules::Regex longer = rules::parse_regex(std::string(rules::kMaxRegexBytes + 1, 'a'), true);
  CHECK(longer.problems.size() == 1);
  CHECK(longer.expanded.size() == rules::kMaxRegexBytes);

  std::string macros;
  while (macros.size() < 100'000) macros += "^FROM_DAEMON";
  CHECK(rules::parse_regex(macros, true).expanded.size() == rules::kMaxRegexBytes);
  std::string stars;
  for (std::size_t i = 0; i < rules::kMaxGroupDepth; ++i) stars = "(" + stars + ")*";
  CHECK(Pattern::compile(stars + "b", Pattern::Case::Fold).matches(rules::SearchText("ab")));
  CHECK(rules::parse_regex(std::string(1'000'000, '('), true).problems.size() == 1);
  CHECK(rules::parse_regex(std::string(1'000'000, ')'), true).problems.size() == 1);
}

TEST_CASE("literals and fields that every match has") {
  struct Row {
    std::string pattern, literal, field;
    bool fold = true;
  };
  const Row rows[] = {
      {"^Subject:.*Make money", "make money", "subject:"},
      {"^Subject:.*Make money", "Make money", "Subject:", false},
      {"()^Subject:x", "subject:x", "subject:"},
      {"()\\/^To:.*", "to:", "to:"},
      {"^(To|Cc):.*bob", "bob", ""},
      {"^TO_anna@example", "anna@example", ""},
      {"Subject:", "subject:", ""},
      {"^From bob", "from bob", ""},
      {"^:", ":", ""},
      {"^^From:", "from:", ""},
      {"^a|b", "", ""},
      {"(abc)+de", "abc", ""},
      {"ab(cd)ef", "abcdef", ""},
      {"ab\\/cd", "abcd", ""},
      {"abc?d", "ab", ""},
      {"a$b", "a", ""},
      {"[aA]b", "b", "", false},
      {"[aA]b", "ab", ""},
      {"x*", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern, row.fold);
    const auto letters = row.fold ? Pattern::Case::Fold : Pattern::Case::Exact;
    const Pattern pattern = Pattern::compile(row.pattern, letters);
    CHECK(pattern.required_literal() == row.literal);
    CHECK(pattern.field() == row.field);
  }
}
