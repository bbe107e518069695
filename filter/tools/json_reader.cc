// Reads JSON; the only file that knows nlohmann's library, which is slow to compile.
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "filter/tools/json.h"

namespace filter::tools {
namespace {

using Library = nlohmann::ordered_json;

// NOLINTNEXTLINE(misc-no-recursion): the library has refused what is nested too deep
Json converted(const Library& library) {
  switch (library.type()) {
    case Library::value_t::boolean:
      return library.get<bool>();
    case Library::value_t::number_integer:
      return library.get<std::int64_t>();
    case Library::value_t::number_unsigned:
      return library.get<std::uint64_t>();
    case Library::value_t::number_float: {
      const double number = library.get<double>();
      if (!(number > -9e18 && number < 9e18)) return nullptr;
      return static_cast<std::int64_t>(number);
    }
    case Library::value_t::string:
      return library.get<std::string>();
    case Library::value_t::array: {
      Json::Array array;
      for (const Library& element : library) array.push_back(converted(element));
      return array;
    }
    case Library::value_t::object: {
      Json::Object object;
      for (const auto& [name, member] : library.items()) object.emplace_back(name, converted(member));
      return object;
    }
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<Json> parsed_json(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Library::parse_event_t, Library&) {
    too_deep = too_deep || depth > kMaxJsonDepth;
    return !too_deep;
  };
  const Library library = Library::parse(text, watch, false);
  if (too_deep || library.is_discarded()) return std::nullopt;
  return converted(library);
}

}  // namespace filter::tools
