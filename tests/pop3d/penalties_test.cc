// Wrong passwords: what counts, how long an answer waits, who is blocked, and for how long.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/penalties.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using pop3d::Penalties;

TEST_CASE("answers wait longer with each different wrong password, and one that is repeated counts once") {
  Penalties penalties;
  const Penalties::TimePoint now{1h};
  CHECK(penalties.wrong("192.0.2.7", "anna", 1, now) == 1s);
  CHECK(penalties.wrong("192.0.2.7", "anna", 1, now) == 1s);
  CHECK(penalties.wrong("192.0.2.7", "anna", 2, now) == 2s);
  CHECK(penalties.wrong("192.0.2.7", "anna", 1, now) == 2s);
  CHECK(penalties.wrong("192.0.2.7", "bert", 3, now) == 4s);
  CHECK(penalties.wrong("192.0.2.7", "bert", 4, now) == 4s);
  CHECK(penalties.wrong("192.0.2.8", "bert", 5, now) == 1s);
}

TEST_CASE("a network is blocked, and let in again when it was quiet") {
  Penalties penalties;
  const Penalties::TimePoint now{1h};
  for (unsigned i = 1; i < Penalties::kMostWrongOfNetwork; ++i)
    penalties.wrong("net", "user" + std::to_string(i), i, now);
  CHECK(!penalties.is_blocked("net", "anna", now));
  for (int i = 0; i < 100; ++i) penalties.wrong("net", "user", 1000, now);
  CHECK(penalties.is_blocked("net", "anna", now));
  CHECK(!penalties.is_blocked("other", "anna", now));
  CHECK(penalties.is_blocked("net", "anna", now + Penalties::kMemory - 1s));
  CHECK(!penalties.is_blocked("net", "anna", now + Penalties::kMemory));
  CHECK(!penalties.is_blocked("net", "anna", now));
}

TEST_CASE("a program that repeats one wrong password for ever blocks nobody") {
  Penalties penalties;
  Penalties::TimePoint now{1h};
  for (int i = 0; i < 1000; ++i, now += 1min) penalties.wrong("net", "anna", 1, now);
  CHECK(!penalties.is_blocked("net", "anna", now));
  CHECK(!penalties.is_blocked("net", "bert", now));
}

TEST_CASE("an attacked user still gets in from where they did before") {
  Penalties penalties;
  const Penalties::TimePoint now{1h};
  penalties.right("home", "anna", now);
  for (unsigned i = 1; i <= Penalties::kMostWrongOfUser; ++i)
    penalties.wrong("net" + std::to_string(i), "anna", i, now);
  CHECK(penalties.is_blocked("elsewhere", "anna", now));
  CHECK(!penalties.is_blocked("elsewhere", "bert", now));
  CHECK(!penalties.is_blocked("home", "anna", now));
  penalties.right("home", "anna", now);
  CHECK(!penalties.is_blocked("elsewhere", "anna", now));
}

TEST_CASE("what is remembered is bounded") {
  Penalties penalties;
  Penalties::TimePoint now{1h};
  for (unsigned i = 0; i < Penalties::kMostRemembered + 10; ++i)
    penalties.wrong("net", "user" + std::to_string(i), i + 1, now += 1us);
  CHECK(penalties.is_blocked("net", "user0", now));
}
