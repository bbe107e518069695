// What Prometheus reads, and requests that are none.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/metrics.h"

#include <catch2/catch.hpp>

TEST_CASE("metrics: the text form") {
  pop3d::Counters counters;
  counters.logins = 3;
  counters.octets = 5'000'000'000;
  ++counters.sessions;
  const auto text = pop3d::metrics_text(counters);
  CHECK(text.find("# HELP sluice_pop3_sessions Sessions that are logged in.\n"
                  "# TYPE sluice_pop3_sessions gauge\n"
                  "sluice_pop3_sessions 1\n") != text.npos);
  CHECK(text.find("# TYPE sluice_pop3_logins_total counter\nsluice_pop3_logins_total 3\n") != text.npos);
  CHECK(text.find("sluice_pop3_retrieved_octets_total 5000000000\n") != text.npos);
  CHECK(text.ends_with('\n'));
}

TEST_CASE("metrics: requests") {
  const pop3d::Counters counters;
  struct Row {
    std::string request, status;
  };
  const Row rows[] = {
      {"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.0 200 OK\r\n"},
      {"GET / HTTP/1.0\n\n", "HTTP/1.0 200 OK\r\n"},
      {"GET /other HTTP/1.1\r\n\r\n", "HTTP/1.0 404 "},
      {"GET\r\n\r\n", "HTTP/1.0 405 "},
      {"GET \r\n\r\n", "HTTP/1.0 404 "},
      {"POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.0 405 "},
      {"\r\n\r\n", "HTTP/1.0 405 "},
      {std::string(pop3d::kLongestHttpRequest + 1, 'x'), "HTTP/1.0 400 "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    const auto answer = pop3d::respond(row.request, counters);
    REQUIRE(answer);
    CHECK(answer->starts_with(row.status));
  }
  for (const std::string part : {"", "G", "GET /metrics HTTP/1.1\r\n", "GET /metrics HTTP/1.1\r\nHost: x\r\n"}) {
    CAPTURE(part);
    CHECK(!pop3d::respond(part, counters));
  }
}
