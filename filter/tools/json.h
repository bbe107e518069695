// JSON as the tools write it: values in memory, one line of text.
// SPDX-License-Identifier: Apache-2.0
//
//   text(Json::Object{{"user", "anna"}, {"used", std::uint64_t{42}}});   // {"user":"anna","used":42}
//
// Members stay in the order they are given. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace filter::tools {

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

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, std::string, Array, Object> value;
};

// One line, without a line end.
std::string text(const Json& json);

}  // namespace filter::tools
