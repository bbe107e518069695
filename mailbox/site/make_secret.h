// Makes secrets for a passwd-file.
// SPDX-License-Identifier: Apache-2.0
//
//   auto secret = make_secret("SCRAM-SHA-256", "apples");     // "{SCRAM-SHA-256}4096,salt,stored key,server key"
#pragma once

#include <string>
#include <string_view>

#include "mailbox/result.h"

namespace mailbox::site {

// Schemes, in any case: YESCRYPT, SHA512-CRYPT, SHA256-CRYPT, BLF-CRYPT, SCRAM-SHA-256, PLAIN. What is made is what
// verify_secret() takes. Permanent: another scheme, or a password that is empty, longer than 511 bytes or with a NUL.
Result<std::string> make_secret(std::string_view scheme, std::string_view password);

}  // namespace mailbox::site
