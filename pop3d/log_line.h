// One log line as data, and its two forms: key=value text and JSON.
// SPDX-License-Identifier: Apache-2.0
//
//   LogLine("login-failed").add("address", "192.0.2.7").add("user", user).text();
//   // event=login-failed address=192.0.2.7 user="an na"
//
// Values may come from a client: what is not plain is quoted, control and non-ASCII octets are written \xHH, and a
// value is cut at kLongestLoggedValue octets, so no client can forge a field, a line or a terminal's commands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop3d {

inline constexpr std::size_t kLongestLoggedValue = 256;

class LogLine {
 public:
  explicit LogLine(std::string_view event) { add("event", event); }
  LogLine& add(std::string_view key, std::string_view value);
  LogLine& add(std::string_view key, std::uint64_t value);

  std::string text() const;  // without a line end
  std::string json() const;

 private:
  struct Field {
    std::string key;
    std::string value;
    bool is_number;
  };
  std::vector<Field> fields_;
};

}  // namespace pop3d
