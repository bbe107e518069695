// A regular expression in words, where it is simple enough: which field, and what is in it.
// SPDX-License-Identifier: Apache-2.0
//
//   words_for("^List-Id:.*<dev\\.example\\.org>", "header", false)    // whose List-Id contains <dev.example.org>
//   words_for("^TO_anna", "header", true)                              // that are not sent to anna
//   words_for("x[0-9]+", "body", false)                                // whose body matches the pattern x[0-9]+
#pragma once

#include <string>
#include <string_view>

namespace filter::tools {

// A clause that follows the word "messages". `area`: "header", "body", "message", or "variable NAME".
std::string words_for(std::string_view pattern, const std::string& area, bool negated);

// As it is, or in quotes where it has blanks or could be taken for words of the sentence.
std::string plain_or_quoted(const std::string& text);

// "a", "a and b", "a, b and c"
template <class Texts>
std::string listed(const Texts& texts, const char* last = " and ") {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) out += (i == 0 ? "" : i + 1 == texts.size() ? last : ", ") + texts[i];
  return out;
}

}  // namespace filter::tools
