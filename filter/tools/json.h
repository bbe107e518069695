// JSON as the tools write and read it: values in memory, one line of text.
// SPDX-License-Identifier: Apache-2.0
//
//   text(Json::Object{{"user", "anna"}, {"used", std::uint64_t{42}}});   // {"user":"anna","used":42}
//   auto request = parsed_json(line);                                    // nothing: that is no JSON
//   const std::string* method = (*request)["method"].string();
//
// Members stay in the order they are given. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace filter::tools {

inline constexpr int kMaxJsonDepth = 100;  // of what is read; nobody's requests are deeper

struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json(std::nullptr_t = nullptr) : value(nullptr) {}
  Json(std::same_as<bool> auto truth) : value(truth) {}
  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  Json(Number number) : value(static_cast<std::int64_t>(number)) {}
  Json(std::uint64_t number) : value(number) {}
  Json(std::string string) : value(std::move(string)) {}
  Json(std::string_view string) : value(std::string(string)) {}
  Json(const char* string) : value(std::string(string)) {}
  Json(Array array) : value(std::move(array)) {}
  Json(Object object) : value(std::move(object)) {}

  // A member; null if there is none, or this is no object.
  const Json& operator[](std::string_view name) const;
  bool has(std::string_view name) const { return object() && &(*this)[name] != &nothing(); }
  // What it is; nothing if it is something else. A number with a fraction was read without it, one beyond 64 bits as
  // null.
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const Array* array() const { return std::get_if<Array>(&value); }
  const Object* object() const { return std::get_if<Object>(&value); }
  std::optional<std::int64_t> number() const;
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }

  static const Json& nothing();

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, std::string, Array, Object> value;
};

// One line, without a line end.
std::string text(const Json& json);
void append_text(std::string& out, const Json& json);

// Nothing: it is no JSON, or nested deeper than kMaxJsonDepth.
std::optional<Json> parsed_json(std::string_view text);

}  // namespace filter::tools
