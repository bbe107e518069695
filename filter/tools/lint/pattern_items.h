// A regular expression in procmail's dialect as a row of items, each with the place where it stands.
// SPDX-License-Identifier: Apache-2.0
//
//   items_of("a+\\.[bc]")   // Byte "a", Quantifier "+", Escape "\\.", Class "[bc]"
//
// For what speaks about expressions as their author wrote them; what they match is the engine's to say (rules/regex).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace filter::tools {

struct Item {
  enum class Kind {
    Byte,    // one byte that stands for itself
    Escape,  // a backslash and the byte behind it
    Class,   // [...]
    Dot,
    Caret,
    Dollar,
    Area,        // ^^
    Marker,      // \/
    Word,        // \< or \>
    Macro,       // ^TO_, ^TO, ^FROM_DAEMON, ^FROM_MAILER
    Quantifier,  // * + ? behind something to repeat
    Open,
    Close,
    Bar,
    Hole,  // what a variable will fill in
  };
  Kind kind = Kind::Byte;
  std::size_t at = 0;
  std::string_view text;
};

// What stands for a hole in a pattern of a `$` condition.
inline constexpr char kHole = '\x01';

// The items are views into `pattern`.
std::vector<Item> items_of(std::string_view pattern);

}  // namespace filter::tools
