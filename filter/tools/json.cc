// Writes JSON; the only file that knows nlohmann's library, which is slow to compile.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/json.h"

#include <nlohmann/json.hpp>
#include <type_traits>

namespace filter::tools {
namespace {

using Library = nlohmann::ordered_json;

Library converted(const Json& json) {
  return std::visit(
      [](const auto& value) -> Library {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, Json::Array>) {
          Library array = Library::array();
          for (const Json& element : value) array.push_back(converted(element));
          return array;
        } else if constexpr (std::is_same_v<Value, Json::Object>) {
          Library object = Library::object();
          for (const auto& [name, member] : value) object[name] = converted(member);
          return object;
        } else {
          return Library(value);
        }
      },
      json.value);
}

}  // namespace

std::string text(const Json& json) { return converted(json).dump(-1, ' ', false, Library::error_handler_t::replace); }

}  // namespace filter::tools
