// Passwords against secrets that other programs made: openssl passwd, mkpasswd, Python's hashlib, RFC 7677.
// SPDX-License-Identifier: Apache-2.0
#include "mailbox/site/secret.h"

#include <catch2/catch.hpp>
#include <string>

namespace mailbox::site {
namespace {

constexpr char kPassword[] = "correct horse";

#define SCRAM_TAIL "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
#define SSHA256 "zWrJfZsME+sWmVU1+Kex4g35NhzZEjwvbGQO5bPLA+MBAnNhbP90"
#define SHA512 \
  "$6$LgxZkCMZCgHW4hlo$QFWwPPTQ7SaIQy8/IBt4RuKQ4H7wax6xEqw8KqP6gI7G4aT9SJb2Wwf.a88U1rAgzctW3USXIpNYOQ2bOWvgk."

TEST_CASE("secret: the right password, and only that") {
  const std::string secrets[] = {
      "{PLAIN}correct horse",
      "{plain}correct horse",
      "{CRYPT}R8Gn6qqUQ0B7U",
      "R8Gn6qqUQ0B7U",
      SHA512,
      "{CRYPT}" SHA512,
      "{SHA512-CRYPT}" SHA512,
      "{sha512-Crypt}" SHA512,
      "{SHA512-CRYPT}$6$rounds=1000$/Q6MRvm5oWd33Mxd$NzQfzz8Mu.5SDTS1xGFL0Ec1SaV9SPIAtG6jktGFZsasn/"
      "aYyhayQmwJWhsJDBCPXMeANoROiE6/.f/iKGJJr.",
      "{SHA256-CRYPT}$5$tit/P4DPLcjwPAtR$GoltbkfiheuN/EuWJP3tgmQ5GcwiUGxZNY3b/wpCKA2",
      "{SHA256-CRYPT}$5$rounds=1000$hA2pbKbXAZT8PZb8$1tlFICXFpQPVeILAfy5JxWcBH47tV1m3jnYQ7/iyJp7",
      "{MD5-CRYPT}$1$l6djo98r$ALvEKOv5/Smp/KZ2z78sQ.",
      "{MD5-CRYPT}$1$saltsalt$NuzA7WTAelpl95xgBGWN60",
      "{BLF-CRYPT}$2b$05$qfComin2JEBnsVOo9vBk5u94LdRrxadVOsP5DM9udJ.DNX67lkpse",
      "{BLF-CRYPT}$2a$05$Ja.5E78rfuE4M8qIJgVDNeBHkzKGwEilaEbfXkuoUFzCgLre9P.PC",
      "{YESCRYPT}$y$j9T$2N0Xs9y0yTk.B8um6dbrz0$vXq3zLsC5m80973ZHSrro.N74F60hrbz.7OGeMjzKW5",
      "{SSHA256}" SSHA256,
      "{SSHA256.b64}" SSHA256,
      "{SSHA256.HEX}cd6ac97d9b0c13eb16995535f8a7b1e20df9361cd9123c2f6c640ee5b3cb03e3010273616cff74",
      "{SSHA512}Q7iiFi62ItkCyTmhxmckuYLXXu6j7zVxPzdO+zZlz6ZMvqOWXuvF73s16WCdEAxkKTIsjaOETuw77UVTw90RZgECc2Fs/3Q=",
      "{SSHA512.HEX}43b8a2162eb622d902c939a1c66724b982d75eeea3ef35713f374efb3665cfa64cbea3965eebc5ef7b35e9609d100c6429"
      "322c8da3844eec3bed4553c3dd1166010273616cff74",
  };
  for (const std::string& secret : secrets) {
    CAPTURE(secret);
    CHECK(verify_secret(secret, kPassword));
    CHECK_FALSE(verify_secret(secret, "Correct horse"));
    CHECK_FALSE(verify_secret(secret, "correct"));
    CHECK_FALSE(verify_secret(secret, ""));
    CHECK_FALSE(verify_secret(secret, std::string_view("correct horse\0x", 15)));
  }
}

TEST_CASE("secret: SCRAM-SHA-256 as in RFC 7677, 3") {
  CHECK(verify_secret("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL, "pencil"));
  CHECK(verify_secret("{scram-sha-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL, "pencil"));
  CHECK_FALSE(verify_secret("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL, "Pencil"));
  CHECK_FALSE(verify_secret("{SCRAM-SHA-256}4095,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL, "pencil"));
}

TEST_CASE("secret: what nobody can read lets nobody in") {
  const std::string secrets[] = {
      "",
      "*",
      "!",
      "x",
      "*0",
      "*1",
      "!" SHA512,
      "{}",
      "{PLAIN}",
      "{PLAIN",
      "{NOSUCH}correct horse",
      "{CRYPT}",
      "{CRYPT}correct horse",
      "{MD5-CRYPT}" SHA512,
      "{SHA256-CRYPT}" SHA512,
      "{YESCRYPT}" SHA512,
      "{SHA512-CRYPT}$6$LgxZkCMZCgHW4hlo$",
      "{SSHA256}",
      "{SSHA256}" SSHA256 "*",
      "{SSHA256}zWrJfZsME+sWmVU1+Kex4g35NhzZEjwvbGQO5bPL",
      "{SSHA256.HEX}cd6",
      "{SSHA256.HEX}zz",
      "{SSHA512}" SSHA256,
      "{SCRAM-SHA-256}",
      "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==",
      "{SCRAM-SHA-256}0,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL,
      "{SCRAM-SHA-256}-1,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL,
      "{SCRAM-SHA-256}99999999999,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL,
      "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==," SCRAM_TAIL ",x",
      "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d,wfPL",
  };
  for (const std::string& secret : secrets) {
    CAPTURE(secret);
    for (const std::string& password : {std::string(kPassword), std::string("pencil"), std::string(), secret})
      CHECK_FALSE(verify_secret(secret, password));
  }
}

TEST_CASE("secret: the longest password is 511 bytes") {
  for (const std::size_t size : {std::size_t{510}, std::size_t{511}, std::size_t{512}}) {
    const std::string password(size, 'p');
    CHECK(verify_secret("{PLAIN}" + password, password) == (size < 512));
  }
}

}  // namespace
}  // namespace mailbox::site
