// Whether a password is the one that a passwd-file's secret was made from.
// SPDX-License-Identifier: Apache-2.0
//
//   if (verify_secret(account ? account->secret : "", password)) let_in();
//
// Its own room: it links OpenSSL and libcrypt, which the delivery agent must not (DESIGN.md 10).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailbox::site {

// PLAIN, CRYPT, MD5-CRYPT, SHA256-CRYPT, SHA512-CRYPT, BLF-CRYPT, YESCRYPT, SSHA256, SSHA512 (base64, or hexadecimal as
// SSHA256.HEX), SCRAM-SHA-256 (iterations,salt,stored key,server key); scheme names in any case; no {SCHEME} means
// CRYPT. Passwords are bytes: nothing is normalised; one with a NUL or of more than 511 bytes is false.
// False for an empty or unreadable secret, but only after the work of a SHA512-CRYPT check, so that an unknown user
// takes about as long as a known one. Blocks for as long as the hash takes (yescrypt 30 ms); thread-safe.
bool verify_secret(std::string_view secret, std::string_view password);

// What SCRAM-SHA-256 needs to know of a password (RFC 5802, 3), without knowing it.
struct ScramKeys {
  std::string salt;
  unsigned iterations = 4096;
  std::string stored_key, server_key;
};

// From a SCRAM-SHA-256 secret as it is, from a PLAIN one with `salt`. Of others nothing, after the same work as for PLAIN.
std::optional<ScramKeys> scram_keys(std::string_view secret, std::string_view salt);
// Whether scram_keys() can come of such a secret.
bool can_scram(std::string_view secret);

}  // namespace mailbox::site
