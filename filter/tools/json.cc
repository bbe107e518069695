// Writes JSON.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/json.h"

#include <charconv>

#include "filter/tools/utf8.h"

namespace filter::tools {
namespace {

void append_escape(std::string& out, unsigned code) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(code >> shift) & 15];
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
    append_escape(out, static_cast<unsigned char>(c));
  else
    out += c;
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_ascii(out, text[0]);
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = utf8_size(text);
    out += size == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  const auto done = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, done.ptr);
}

struct Writer {
  std::string& out;
  void operator()(std::nullptr_t) const { out += "null"; }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
  void operator()(std::int64_t number) const { append_number(out, number); }
  void operator()(std::uint64_t number) const { append_number(out, number); }
  void operator()(const std::string& string) const { append_string(out, string); }
  void operator()(const Json::Array& array) const {
    out += '[';
    for (const Json& element : array) {
      if (&element != &array.front()) out += ',';
      std::visit(*this, element.value);
    }
    out += ']';
  }
  void operator()(const Json::Object& object) const {
    out += '{';
    for (const auto& member : object) {
      if (&member != &object.front()) out += ',';
      append_string(out, member.first);
      out += ':';
      std::visit(*this, member.second.value);
    }
    out += '}';
  }
};

}  // namespace

void append_text(std::string& out, const Json& json) { std::visit(Writer{out}, json.value); }

std::string text(const Json& json) {
  std::string out;
  append_text(out, json);
  return out;
}

const Json& Json::operator[](std::string_view name) const {
  if (const auto* object = std::get_if<Object>(&value))
    for (const auto& member : *object)
      if (member.first == name) return member.second;
  return nothing();
}

const Json& Json::nothing() {
  static const Json kNothing;
  return kNothing;
}

std::optional<std::int64_t> Json::number() const {
  if (const auto* small = std::get_if<std::int64_t>(&value)) return *small;
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return static_cast<std::int64_t>(*large);
  return std::nullopt;
}

}  // namespace filter::tools
