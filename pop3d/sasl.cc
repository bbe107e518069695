// SASL mechanisms by name, and the two that carry a password.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/sasl.h"

#include <algorithm>

namespace pop3d {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::ranges::equal(a, b, {}, upper, upper);
}

}  // namespace

std::string_view name_of(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::Plain:
      return "PLAIN";
    case Mechanism::Login:
      return "LOGIN";
    case Mechanism::ScramSha256:
      return "SCRAM-SHA-256";
    case Mechanism::ScramSha256Plus:
      return "SCRAM-SHA-256-PLUS";
  }
  return "";
}

std::optional<Mechanism> find_mechanism(std::string_view name) {
  for (const auto mechanism : kMechanisms)
    if (same_word(name, name_of(mechanism))) return mechanism;
  return std::nullopt;
}

std::string_view PasswordExchange::challenge() const {
  if (mechanism_ != Mechanism::Login) return "";
  return user_.empty() ? "Username:" : "Password:";
}

PasswordExchange::Step PasswordExchange::take(std::string_view response) {
  if (mechanism_ == Mechanism::Plain) return take_plain(response);
  if (response.find('\0') != response.npos) return Step::Malformed;
  if (!user_.empty()) return password_ = response, Step::Complete;
  user_ = response;
  return user_.empty() ? Step::Malformed : Step::More;
}

// [authorization] NUL name NUL password. To act for somebody else is nobody's right here.
PasswordExchange::Step PasswordExchange::take_plain(std::string_view response) {
  const auto first = response.find('\0');
  const auto second = first == response.npos ? first : response.find('\0', first + 1);
  if (second == response.npos || response.find('\0', second + 1) != response.npos) return Step::Malformed;
  const auto acts_for = response.substr(0, first);
  user_ = response.substr(first + 1, second - first - 1);
  password_ = response.substr(second + 1);
  return user_.empty() || (!acts_for.empty() && acts_for != user_) ? Step::Malformed : Step::Complete;
}

}  // namespace pop3d
