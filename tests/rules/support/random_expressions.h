// Random small expressions, rich in what is special in procmail's dialect, and texts that they may match.
// SPDX-License-Identifier: Apache-2.0
//
//   RandomExpressions random(7);
//   std::string expression = random.expression();   // "(a|^)*\\/[^b-"
//   std::string text = random.text();               // for the expression made last
#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace testing_support {

class RandomExpressions {
 public:
  explicit RandomExpressions(std::uint64_t seed) : random_(seed) {}

  std::string expression();
  std::string text();
  std::size_t pick(std::size_t bound) { return random_() % bound; }

 private:
  // What an expression is like: what its grammar makes, anything at all, one about a field's lines, one with macros.
  enum class Shape { Sound, Wild, Field, Macros };

  std::string_view one_of(std::span<const std::string_view> choices) { return choices[pick(choices.size())]; }
  std::string sound();
  std::string wild();
  std::string atom(unsigned depth);
  std::string sequence(unsigned depth);
  std::string alternatives(unsigned depth);
  std::string bracket();
  std::string bytes(std::string_view choices, std::size_t longest);
  std::string lines();

  Shape shape_ = Shape::Sound;
  std::mt19937_64 random_;
};

}  // namespace testing_support
