// The table of sluice.conf's keys, and how values of each type are read and written.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <type_traits>

namespace mailbox::site {
namespace {

constexpr unsigned kMostConnections = 1'000'000;
constexpr std::size_t kLongestMisspelling = 100;  // nothing longer is compared with the keys
constexpr unsigned kHighestPort = 65535;

struct Unit {
  char letter;
  std::uint64_t factor;
};
constexpr std::array<Unit, 3> kSizeUnits{{{'G', 1ull << 30}, {'M', 1ull << 20}, {'K', 1ull << 10}}};
constexpr std::array<Unit, 4> kTimeUnits{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

// The words of each closed choice, in the order of its enum.
using Words = std::span<const std::string_view>;
Words words(AccountSource) {
  static constexpr std::array<std::string_view, 2> kWords{"system", "file"};
  return kWords;
}
Words words(QuotaExceeded) {
  static constexpr std::array<std::string_view, 2> kWords{"reject", "tempfail"};
  return kWords;
}
Words words(RulePrograms) {
  static constexpr std::array<std::string_view, 3> kWords{"own-uid", "always", "never"};
  return kWords;
}
Words words(CleartextLogin) {
  static constexpr std::array<std::string_view, 3> kWords{"never", "loopback", "always"};
  return kWords;
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> read_with_unit(std::string_view text, std::span<const Unit> units) {
  std::uint64_t factor = 1;
  for (const Unit& unit : units) {
    if (text.empty() || lowered(text.back()) != lowered(unit.letter)) continue;
    factor = unit.factor;
    text.remove_suffix(1);
    break;
  }
  const auto number = read_number(text);
  if (!number || *number > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return *number * factor;
}

std::string write_with_unit(std::uint64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0) return std::to_string(value / unit.factor) + unit.letter;
  return std::to_string(value);
}

bool is_log_level(std::string_view text) {
  return text == "error" || text == "warning" || text == "info" || text == "debug";
}
bool is_log_format(std::string_view text) { return text == "text" || text == "json"; }
bool is_log_target(std::string_view text) {
  return text == "auto" || text == "stderr" || text == "journal" || text == "syslog" || text.starts_with('/');
}

// ADDR:PORT with ADDR being *, an IPv4 address or host name, or an IPv6 address in brackets.
bool is_tcp_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto address = text.substr(0, colon);
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (!bracketed && address.find_first_of(":[] ") != std::string_view::npos) return false;
  const auto port = read_number(text.substr(colon + 1));
  return port && *port <= kHighestPort;
}

bool is_socket_path(std::string_view text) { return text.starts_with("unix:") && text.size() > 5; }
bool is_lmtp_address(std::string_view text) { return is_socket_path(text) || is_tcp_address(text); }
bool is_metrics_address(std::string_view text) { return text.empty() || is_lmtp_address(text); }
bool is_something(std::string_view text) { return !text.empty(); }

constexpr std::string_view kLmtpAddress = "unix:PATH or ADDR:PORT";
constexpr std::string_view kPop3Address = "ADDR:PORT, as in *:110, 127.0.0.1:110 or [::1]:110";

const std::array kKeys = std::to_array<Key>({
    {"accounts.source", &Config::accounts_source},
    {"accounts.file", &Config::accounts_file},
    {"accounts.delimiter", &Config::accounts_delimiter},
    {"mail.inbox", &Config::mail_inbox, is_something, "a path"},
    {"mail.folders", &Config::mail_folders, is_something, "a path"},
    {"rules.site", &Config::rules_site},
    {"rules.user", &Config::rules_user},
    {"rules.programs", &Config::rules_programs},
    {"mail.max-size", &Config::mail_max_size},
    {"quota.inbox", &Config::quota_inbox},
    {"quota.folders", &Config::quota_folders},
    {"quota.exceeded", &Config::quota_exceeded},
    {"lmtp.listen", &Config::lmtp_listen, is_lmtp_address, kLmtpAddress},
    {"pop3.listen", &Config::pop3_listen, is_tcp_address, kPop3Address},
    {"pop3.listen-tls", &Config::pop3_listen_tls, is_tcp_address, kPop3Address},
    {"pop3.cleartext-login", &Config::pop3_cleartext_login},
    {"pop3.max-connections", &Config::pop3_max_connections},
    {"pop3.max-connections-per-address", &Config::pop3_max_connections_per_address},
    {"lmtp.max-connections", &Config::lmtp_max_connections},
    {"metrics.listen", &Config::metrics_listen, is_metrics_address, kLmtpAddress},
    {"notify.command", &Config::notify_command},
    {"notify.socket", &Config::notify_socket},
    {"tls.certificate", &Config::tls_certificate},
    {"tls.key", &Config::tls_key},
    {"state.dir", &Config::state_dir, is_something, "a path"},
    {"retention.deleted", &Config::retention_deleted},
    {"log.target", &Config::log_target, is_log_target, "auto, stderr, journal, syslog or a file's absolute path"},
    {"log.level", &Config::log_level, is_log_level, "error, warning, info or debug"},
    {"log.format", &Config::log_format, is_log_format, "text or json"},
});

// What a value does not fit, and the likely reason: Boost and many others take '#' for a comment anywhere, we do not.
std::string misfit(std::string_view value, std::string_view accepted) {
  std::string complaint = "'" + std::string(value) + "' is not accepted: expected " + std::string(accepted);
  if (value.find(" #") != std::string_view::npos) complaint += " (a comment needs a line of its own)";
  return complaint;
}

std::string one_of(Words choice) {
  std::string list;
  for (std::size_t i = 0; i < choice.size(); ++i)
    list += (i == 0 ? "" : i + 1 == choice.size() ? " or " : ", ") + std::string(choice[i]);
  return list;
}

// Reads one text as a T: what is wrong with it, or nothing.
using Complaint = std::optional<std::string>;
Complaint read_as(std::string_view text, std::uint64_t& value) {
  const auto size = read_size(text);
  if (!size) return misfit(text, "a size: bytes, or a number with K, M or G; 0 is none");
  value = *size;
  return std::nullopt;
}
Complaint read_as(std::string_view text, unsigned& value) {
  const auto number = read_number(text);
  if (!number || *number == 0 || *number > kMostConnections)
    return misfit(text, "a number from 1 to " + std::to_string(kMostConnections));
  value = static_cast<unsigned>(*number);
  return std::nullopt;
}
Complaint read_as(std::string_view text, std::chrono::seconds& value) {
  const auto period = read_period(text);
  if (!period) return misfit(text, "a time: seconds, or a number with s, m, h or d");
  value = *period;
  return std::nullopt;
}
Complaint read_as(std::string_view text, std::string& value) {
  value = text;
  return std::nullopt;
}
template <class Choice>
  requires std::is_enum_v<Choice>
Complaint read_as(std::string_view text, Choice& value) {
  const Words choice = words(Choice{});
  const auto found = std::ranges::find(choice, text);
  if (found == choice.end()) return misfit(text, one_of(choice));
  value = static_cast<Choice>(found - choice.begin());
  return std::nullopt;
}

std::string write(std::uint64_t value) { return write_with_unit(value, kSizeUnits); }
std::string write(unsigned value) { return std::to_string(value); }
std::string write(std::chrono::seconds value) {
  return write_with_unit(static_cast<std::uint64_t>(value.count()), kTimeUnits);
}
std::string write(const std::string& value) { return value; }
template <class Choice>
  requires std::is_enum_v<Choice>
std::string write(Choice value) {
  return std::string(words(value)[static_cast<std::size_t>(value)]);
}

// Levenshtein's distance by one row of its table.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lowered(a[i]) == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Key> keys() { return kKeys; }

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(kKeys, name, &Key::name);
  return found == kKeys.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view misspelt) {
  const auto compared = misspelt.substr(0, kLongestMisspelling);
  const auto nearest =
      std::ranges::min_element(kKeys, {}, [compared](const Key& key) { return distance(compared, key.name); });
  return nearest->name;
}

std::optional<std::string> assign(Config& config, const Key& key, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    const bool none = key.is_repeatable() && value.empty();
    if (key.fits != nullptr && !none && !key.fits(value)) return misfit(value, key.accepted);
  }
  return std::visit(
      [&](auto member) -> Complaint {
        if constexpr (std::is_same_v<decltype(member), Texts>) {
          config.*member = values;
          std::erase(config.*member, "");
          return std::nullopt;
        } else {
          return values.size() == 1 ? read_as(values.front(), config.*member) : Complaint("expected one value");
        }
      },
      key.field);
}

std::vector<std::string> written(const Config& config, const Key& key) {
  return std::visit(
      [&](auto member) -> std::vector<std::string> {
        if constexpr (std::is_same_v<decltype(member), Texts>)
          return config.*member;
        else
          return {write(config.*member)};
      },
      key.field);
}

std::optional<std::uint64_t> read_size(std::string_view text) { return read_with_unit(text, kSizeUnits); }

std::optional<std::chrono::seconds> read_period(std::string_view text) {
  const auto seconds = read_with_unit(text, kTimeUnits);
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*seconds));
}

}  // namespace mailbox::site
