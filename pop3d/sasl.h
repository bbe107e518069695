// SASL mechanisms by name, and the two that carry a password (RFC 5034; PLAIN is RFC 4616). SCRAM: scram.h.
// SPDX-License-Identifier: Apache-2.0
//
//   PasswordExchange exchange(Mechanism::Login);
//   send("+ " + to_base64(exchange.challenge()));          // "Username:", then "Password:"
//   if (exchange.take(*from_base64(line)) == PasswordExchange::Step::Complete) try(exchange.user(),
//   exchange.password());
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

enum class Mechanism { Plain, Login, ScramSha256, ScramSha256Plus };
inline constexpr Mechanism kMechanisms[] = {Mechanism::ScramSha256Plus, Mechanism::ScramSha256, Mechanism::Plain,
                                            Mechanism::Login};

std::string_view name_of(Mechanism mechanism);
std::optional<Mechanism> find_mechanism(std::string_view name);  // in any case
inline bool carries_password(Mechanism mechanism) {
  return mechanism == Mechanism::Plain || mechanism == Mechanism::Login;
}

class PasswordExchange {
 public:
  enum class Step { More, Complete, Malformed };
  explicit PasswordExchange(Mechanism mechanism) : mechanism_(mechanism) {}

  std::string_view challenge() const;  // what is asked for now, not encoded
  Step take(std::string_view response);
  const std::string& user() const { return user_; }
  const std::string& password() const { return password_; }

 private:
  Step take_plain(std::string_view response);
  Mechanism mechanism_;
  std::string user_, password_;
};

}  // namespace pop3d
