// Writes log lines so that nothing a client says can look like ours.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/log_line.h"

#include <algorithm>

namespace pop3d {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._:/@+,*[]%").contains(c);
}

void append_hex(std::string& out, std::string_view prefix, char c) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += prefix;
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// `escape` stands before the two digits of an octet that cannot be shown.
std::string quoted(std::string_view value, std::string_view escape) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      append_hex(out, escape, c);
    }
  }
  return out += '"';
}

}  // namespace

LogLine& LogLine::add(std::string_view key, std::string_view value) {
  fields_.push_back({std::string(key), std::string(value.substr(0, kLongestLoggedValue)), false});
  return *this;
}

LogLine& LogLine::add(std::string_view key, std::uint64_t value) {
  fields_.push_back({std::string(key), std::to_string(value), true});
  return *this;
}

std::string LogLine::text() const {
  std::string line;
  for (const auto& field : fields_) {
    if (!line.empty()) line += ' ';
    const bool plain = !field.value.empty() && std::ranges::all_of(field.value, is_plain);
    line += field.key + '=' + (plain || field.value.empty() ? field.value : quoted(field.value, "\\x"));
  }
  return line;
}

std::string LogLine::json() const {
  std::string line = "{";
  for (const auto& field : fields_) {
    if (line.size() > 1) line += ',';
    line += quoted(field.key, "\\u00") + ':' + (field.is_number ? field.value : quoted(field.value, "\\u00"));
  }
  return line += '}';
}

}  // namespace pop3d
