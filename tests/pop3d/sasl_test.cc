// SASL mechanisms that carry a password, and base64.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/sasl.h"

#include <catch2/catch.hpp>
#include <random>

#include "pop3d/base64.h"

using namespace pop3d;
using namespace std::string_literals;
using Step = PasswordExchange::Step;

TEST_CASE("base64, there and back") {
  const struct {
    std::string bytes, text;
  } rows[] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
              {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\0\xFF\xFE"s, "AP/+"}};
  for (const auto& row : rows) {
    CHECK(to_base64(row.bytes) == row.text);
    CHECK(from_base64(row.text) == row.bytes);
  }
  for (const auto* bad : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm 9", "Zm9v\r", "Zm-_"}) {
    CAPTURE(bad);
    CHECK(!from_base64(bad));
  }
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(random() % 50, ' ');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
}

TEST_CASE("mechanisms by name") {
  CHECK(find_mechanism("scram-sha-256-plus") == Mechanism::ScramSha256Plus);
  for (const auto mechanism : kMechanisms) CHECK(find_mechanism(name_of(mechanism)) == mechanism);
  CHECK(!find_mechanism("CRAM-MD5"));
  CHECK(!find_mechanism(""));
}

TEST_CASE("PLAIN") {
  const struct {
    std::string message;
    Step step;
    std::string user, password;
  } rows[] = {
      {"\0anna\0secret"s, Step::Complete, "anna", "secret"},
      {"anna\0anna\0secret"s, Step::Complete, "anna", "secret"},
      {"\0anna\0"s, Step::Complete, "anna", ""},
      {"bert\0anna\0secret"s, Step::Malformed, "", ""},
      {"\0\0secret"s, Step::Malformed, "", ""},
      {"anna\0secret"s, Step::Malformed, "", ""},
      {"\0anna\0sec\0ret"s, Step::Malformed, "", ""},
      {"", Step::Malformed, "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.message);
    PasswordExchange exchange(Mechanism::Plain);
    CHECK(exchange.challenge().empty());
    CHECK(exchange.take(row.message) == row.step);
    if (row.step != Step::Complete) continue;
    CHECK(exchange.user() == row.user);
    CHECK(exchange.password() == row.password);
  }
}

TEST_CASE("LOGIN") {
  PasswordExchange exchange(Mechanism::Login);
  CHECK(exchange.challenge() == "Username:");
  CHECK(exchange.take("anna") == Step::More);
  CHECK(exchange.challenge() == "Password:");
  CHECK(exchange.take("se cret") == Step::Complete);
  CHECK(exchange.user() == "anna");
  CHECK(exchange.password() == "se cret");
  CHECK(PasswordExchange(Mechanism::Login).take("") == Step::Malformed);
  CHECK(PasswordExchange(Mechanism::Login).take("an\0na"s) == Step::Malformed);
}
