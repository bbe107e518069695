// Whether PAM takes a password, under the service name "sluice-pop3d".
// SPDX-License-Identifier: Apache-2.0
//
// Blocks for as long as its modules do, and runs their code in this process: for a checker only (checker.h).
#pragma once

#include <string>

namespace pop3d {

struct PamAnswer {
  enum class Verdict { Yes, No, Error };
  Verdict verdict = Verdict::Error;
  std::string why;  // PAM's words, for the log
};

// `address`: where the client is, for modules that care.
PamAnswer ask_pam(const std::string& user, const std::string& password, const std::string& address);

}  // namespace pop3d
