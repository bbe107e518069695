// What the server counts, and how Prometheus reads it.
// SPDX-License-Identifier: Apache-2.0
//
//   ++counters.logins;                                    // by any front: they share the memory (census.h)
//   respond("GET /metrics HTTP/1.1\r\n\r\n", counters);   // nothing: the request is not whole yet
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

struct Counters {
  using Number = std::atomic<std::uint64_t>;
  Number clients{0};   // now
  Number sessions{0};  // logged in, now
  Number connections{0};
  Number turned_away{0};
  Number logins{0};
  Number wrong_passwords{0};
  Number refused_logins{0};  // all, wrong passwords too
  Number retrieved{0};
  Number octets{0};
  Number deleted{0};
  Number failed_updates{0};
  Number handshakes{0};
  Number failed_handshakes{0};
};

inline constexpr std::size_t kLongestHttpRequest = 8192;

// The text form (exposition format 0.0.4).
std::string metrics_text(const Counters& counters);
// The answer to an HTTP request, whole, after which the connection is closed; nothing while it is not complete.
std::optional<std::string> respond(std::string_view request, const Counters& counters);

}  // namespace pop3d
