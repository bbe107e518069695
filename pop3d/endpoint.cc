// Reads "ADDR:PORT".
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/endpoint.h"

#include <charconv>

namespace pop3d {

std::expected<Endpoint, std::string> parse_endpoint(std::string_view text) {
  const auto wrong = [&] { return std::unexpected("'" + std::string(text) + "' is not ADDRESS:PORT"); };
  const auto colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return wrong();
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.contains(':') != bracketed || host.find_first_of("[]") != host.npos)
    return wrong();  // an IPv6 address, and nothing else, stands in brackets
  Endpoint endpoint{std::string(host), 0};
  const auto read = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (port.empty() || read.ec != std::errc{} || read.ptr != port.data() + port.size()) return wrong();
  return endpoint;
}

}  // namespace pop3d
