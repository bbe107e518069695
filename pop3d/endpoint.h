// "ADDR:PORT" as pop3.listen has it, and addresses as values: pure.
// SPDX-License-Identifier: Apache-2.0
//
//   parse_endpoint("[::1]:110");     // {"::1", 110}
//   parse_endpoint("*:0");           // {"*", 0}: IPv4 and IPv6, the system chooses the port
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace pop3d {

struct Endpoint {
  std::string host;  // "*", or a numeric address without brackets; names are not looked up
  std::uint16_t port = 0;
};

// The error is a sentence that quotes the text.
std::expected<Endpoint, std::string> parse_endpoint(std::string_view text);

}  // namespace pop3d
