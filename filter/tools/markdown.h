// Sentences as Markdown, for editors and code hosts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace filter::tools {

// Its signs are text, but not within backquotes: "a < b" is "a \< b".
inline std::string as_markdown(std::string_view sentence) {
  std::string out;
  bool in_code = false;
  for (const char c : sentence) {
    if (c == '`') in_code = !in_code;
    if (!in_code && std::string_view("\\*_<[#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace filter::tools
