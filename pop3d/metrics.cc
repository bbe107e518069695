// Prometheus' text form, and as much of HTTP as it takes.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/metrics.h"

namespace pop3d {
namespace {

struct Row {
  std::string_view name;
  std::string_view help;
  Counters::Number Counters::* number;
  bool is_gauge = false;
};

constexpr Row kRows[] = {
    {"clients", "Clients that are connected.", &Counters::clients, true},
    {"sessions", "Sessions that are logged in.", &Counters::sessions, true},
    {"connections_total", "Connections that were served.", &Counters::connections},
    {"turned_away_total", "Connections beyond a limit.", &Counters::turned_away},
    {"logins_total", "Logins that opened a mailbox.", &Counters::logins},
    {"wrong_passwords_total", "Logins with a wrong user or password.", &Counters::wrong_passwords},
    {"refused_logins_total", "Logins that were refused, for whatever reason.", &Counters::refused_logins},
    {"retrieved_messages_total", "Messages that were sent whole or, by TOP, in part.", &Counters::retrieved},
    {"retrieved_octets_total", "Octets of those messages.", &Counters::octets},
    {"deleted_messages_total", "Messages that a QUIT removed.", &Counters::deleted},
    {"failed_updates_total", "QUITs that removed nothing though they should.", &Counters::failed_updates},
    {"tls_handshakes_total", "TLS handshakes that were completed.", &Counters::handshakes},
    {"tls_failed_handshakes_total", "TLS handshakes that were not.", &Counters::failed_handshakes},
};

std::string http(std::string_view status, std::string_view type, std::string_view body) {
  std::string answer = "HTTP/1.0 ";
  answer.append(status).append("\r\nContent-Type: ").append(type);
  answer.append("\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n");
  return answer.append(body);
}

}  // namespace

std::string metrics_text(const Counters& counters) {
  std::string text;
  for (const auto& row : kRows) {
    const auto name = "sluice_pop3_" + std::string(row.name);
    text.append("# HELP ").append(name).append(" ").append(row.help);
    text.append("\n# TYPE ").append(name).append(row.is_gauge ? " gauge\n" : " counter\n");
    text.append(name).append(" ").append(std::to_string((counters.*row.number).load())).append("\n");
  }
  return text;
}

std::optional<std::string> respond(std::string_view request, const Counters& counters) {
  if (request.size() > kLongestHttpRequest) return http("400 Bad Request", "text/plain", "too long\n");
  if (request.find("\r\n\r\n") == request.npos && request.find("\n\n") == request.npos) return std::nullopt;
  const auto line = request.substr(0, request.find_first_of("\r\n"));
  if (!line.starts_with("GET ")) return http("405 Method Not Allowed", "text/plain", "GET only\n");
  const auto path = line.substr(4, line.find(' ', 4) - 4);
  if (path != "/metrics" && path != "/") return http("404 Not Found", "text/plain", "see /metrics\n");
  return http("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics_text(counters));
}

}  // namespace pop3d
