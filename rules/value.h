// A variable's value, or a word made from some: bytes that remember which of them a sender or a program chose.
// SPDX-License-Identifier: Apache-2.0
//
//   Value folder("lists/");
//   folder.append(match);                    // marked Sender all over
//   if (auto reason = escape_of(folder)) …   // "\"..\" out of a match": the action fails (CONTRACT.md 5.4)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rules {

// Where a byte came from: the rules' author, a program's output, or MATCH and the positional arguments, which a sender
// may have chosen. Ordered by how little it is trusted.
enum class Origin : char { Author = 0, Program = 1, Sender = 2 };

class Value {
 public:
  Value() = default;
  Value(std::string text) : text_(std::move(text)) {}                     // NOLINT: the common case
  Value(std::string_view text) : text_(text) {}                           // NOLINT
  Value(const char* text) : text_(text) {}                                // NOLINT
  Value(std::string text, Origin origin);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  Origin origin(std::size_t index) const;

  void append(const Value& other);
  void append(std::string_view text, Origin origin = Origin::Author);
  void append(char byte, Origin origin = Origin::Author) { append(std::string_view(&byte, 1), origin); }
  void cut(std::size_t size);

 private:
  std::string text_;
  std::string origins_;   // empty: all Author's; else one Origin a byte
};

// Why the name of a file that the rules' author did not choose alone must not be used: a ".." component with a byte
// from outside, or a leading "/" from a sender. Nothing: it may.
std::optional<std::string> escape_of(const Value& name);

// Whether the word begins with a "-" that a sender chose: an option where the author meant an address.
bool is_foreign_option(const Value& word);

}  // namespace rules
