// Each shape has its own pieces; texts are made of the same few bytes, so that much of it matches.
// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/support/random_expressions.h"

#include <array>

namespace testing_support {
namespace {

using namespace std::string_view_literals;

// The last ones are rarer.
constexpr std::array kAtoms = {"a"sv,   "b"sv,   "c"sv,   "A"sv,   "B"sv,    " "sv,    "."sv,   "."sv,
                               "^"sv,   "$"sv,   "ab"sv,  "abc"sv, "x"sv,    "\\<"sv,  "\\>"sv, "\\a"sv,
                               "\\*"sv, "a"sv,   "b"sv,   ".*"sv,  "\\/"sv,  "^^"sv,   "\\/"sv, "-"sv,
                               "_"sv,   "]"sv,   "{"sv,   "\0"sv,  "\n"sv,   "\xe9"sv, "\\n"sv, "\\\\"sv,
                               "\\("sv, "\\^"sv, "\\."sv, "()"sv,  "(|a)"sv, "[ab]"sv, "[^a]"sv};
constexpr std::size_t kUsualAtoms = 20;
constexpr std::array kMembers = {"a"sv,  "b"sv,  "c"sv,    "A"sv,         "C"sv, "-"sv,   "-"sv,   "]"sv,
                                 "["sv,  "^"sv,  "\\"sv,   ":"sv,         " "sv, "a-c"sv, "c-a"sv, "X-b"sv,
                                 "\n"sv, "\0"sv, "\xe9"sv, "\x80-\xff"sv, "_"sv, "0-9"sv};
constexpr std::array kWild = {"("sv,   ")"sv,    "|"sv,  "*"sv,  "+"sv,   "?"sv,  "["sv, "]"sv, "^"sv,
                              "$"sv,   "\\"sv,   "a"sv,  "b"sv,  "A"sv,   "."sv,  "-"sv, "/"sv, "<"sv,
                              "^^"sv,  "\\/"sv,  "[^"sv, "c"sv,  "\n"sv,  "\0"sv, " "sv, "{"sv, "\xe9"sv,
                              "abc"sv, "(ab|"sv, ".*"sv, "a*"sv, "(a)"sv, "\\<"sv};
constexpr std::array kMacros = {"^TO_"sv, "^TO"sv, "^FROM_DAEMON"sv, "^FROM_MAILER"sv};
constexpr std::array kMacroPieces = {"a"sv, "b"sv, "a"sv, "(a|b)"sv, "\\/"sv, ".*"sv, "|"sv, "$"sv, "^TO_"sv, "["sv,
                                     "]"sv, "?"sv, "*"sv, "\\"sv,    "x"sv,   "("sv,  ")"sv, "^"sv, "^^"sv};
constexpr std::array kFieldPieces = {"a"sv,  "b"sv,   "ab"sv,    ".*"sv,    "(a|b)"sv, "[^a]"sv, "$"sv, "\\/"sv,
                                     "a+"sv, "\\>"sv, "b*"sv,    " "sv,     "."sv,     "(a)?"sv, "^"sv, "^^"sv,
                                     "()"sv, "$x"sv,  "[^b]*"sv, "\\/.*"sv, "^x:"sv,   "|"sv};
constexpr std::array kLineStarts = {"x:"sv, "X:"sv, "xy:"sv, "a"sv, "x"sv, ""sv, "x: "sv};
constexpr std::array kHeaderStarts = {"To: "sv,         "Cc:"sv,
                                      "TO:"sv,          "From: "sv,
                                      "From "sv,        ">From "sv,
                                      "Precedence: "sv, "X-Envelope-To: a"sv,
                                      "Resent-From:"sv, "Apparently-To: "sv,
                                      "x: "sv};
constexpr std::array kWords = {"a"sv,      "b"sv,    "root"sv, "mailer-daemon"sv, "bulk"sv,    "list"sv,
                               "a@b"sv,    " <a>"sv, ", "sv,   " (b)"sv,          "root@x "sv, "Post"sv,
                               "master"sv, "-"sv,    "("sv,    "mail"sv};

}  // namespace

std::string RandomExpressions::expression() {
  const std::size_t kind = pick(20);
  shape_ = kind < 11 ? Shape::Sound : kind < 15 ? Shape::Wild : kind < 19 ? Shape::Field : Shape::Macros;
  std::string out;
  switch (shape_) {
    case Shape::Sound:
      return sound();
    case Shape::Wild:
      return wild();
    case Shape::Field:
      out = pick(4) ? "^x:" : pick(2) ? "^x\\/y:" : "^(x:)";
      for (std::size_t left = pick(5); left > 0; --left) out += one_of(kFieldPieces);
      return out;
    case Shape::Macros:
      if (pick(4) == 0) out = one_of(kMacroPieces);
      out += one_of(kMacros);
      for (std::size_t left = pick(4); left > 0; --left) out += one_of(kMacroPieces);
      return out;
  }
  return out;
}

std::string RandomExpressions::text() {
  std::string out;
  switch (shape_) {
    case Shape::Sound:
      return pick(8) ? bytes("aabbc \nA\n", 10) : bytes("abcABC \n\0\xe9_-*x{]\\"sv, 12);
    case Shape::Wild:
      return pick(2) ? bytes("aabbc \nA", 10) : bytes("abA()|*+?[^$\\./-<\n\xe9"sv, 10);
    case Shape::Field:
      return lines();
    case Shape::Macros:
      for (std::size_t left = 1 + pick(3); left > 0; --left) {
        out += one_of(kHeaderStarts);
        for (std::size_t words = pick(4); words > 0; --words) out += one_of(kWords);
        if (left > 1 || pick(2)) out += '\n';
      }
      return out;
  }
  return out;
}

std::string RandomExpressions::sound() {
  std::string out = alternatives(0);
  if (pick(2)) out = sequence(0) + "\\/" + alternatives(0);
  if (pick(8) == 0) out = "^^" + out;
  if (pick(8) == 0) out += "^^";
  return out;
}

std::string RandomExpressions::wild() {
  std::string out;
  for (std::size_t left = pick(10); left > 0; --left) out += one_of(kWild);
  return out;
}

std::string RandomExpressions::atom(unsigned depth) {
  if (depth < 3 && pick(6) == 0) return "(" + alternatives(depth + 1) + ")";
  if (pick(8) == 0) return bracket();
  return std::string(kAtoms[pick(pick(4) ? kUsualAtoms : kAtoms.size())]);
}

std::string RandomExpressions::sequence(unsigned depth) {
  std::string out;
  for (std::size_t left = pick(4); left > 0; --left) {
    out += atom(depth);
    if (pick(4) == 0) out += "*+?*"[pick(4)];
    if (pick(40) == 0) out += "*+?"[pick(3)];
  }
  return out;
}

std::string RandomExpressions::alternatives(unsigned depth) {
  std::string out = sequence(depth);
  while (pick(5) == 0) out += "|" + sequence(depth);
  return out;
}

std::string RandomExpressions::bracket() {
  std::string out = pick(2) ? "[" : "[^";
  for (std::size_t left = 1 + pick(3); left > 0; --left) out += one_of(kMembers);
  return out + "]";
}

std::string RandomExpressions::bytes(std::string_view choices, std::size_t longest) {
  std::string out;
  for (std::size_t left = pick(longest); left > 0; --left) out += choices[pick(choices.size())];
  return out;
}

std::string RandomExpressions::lines() {
  std::string out;
  for (std::size_t left = pick(4); left > 0; --left) out.append(one_of(kLineStarts)) += bytes("ab ", 6) + "\n";
  if (pick(2)) out.append(one_of(kLineStarts)) += bytes("ab", 4);
  return out;
}

}  // namespace testing_support
