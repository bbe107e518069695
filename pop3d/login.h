// From a name and a password to an open maildrop: verified first, root given up second, the mailbox touched last.
// SPDX-License-Identifier: Apache-2.0
//
//   auto drop = log_in(config, "anna", password, "192.0.2.7");
//   if (!drop) session.refused(drop.error().code, drop.error().text, drop.error().is_final);
//
// The process belongs to the account once the password was right and it was root: it can serve no other account after
// that, so whatever fails from there on is final.
#pragma once

#include <expected>
#include <string>

#include "mailbox/maildrop.h"
#include "mailbox/site/account.h"
#include "mailbox/site/config.h"
#include "pop3d/reply.h"

namespace pop3d {

struct LoginRefusal {
  Code code = Code::SysTemp;
  std::string text;      // for the client
  std::string reason;    // a word for the log
  std::string detail;    // a sentence for the log; empty where the word says it all
  bool is_final = true;  // this process cannot try again
};

// Blocks: for the password's hash, and up to 5 s for another session of the same mailbox to end.
std::expected<mailbox::Maildrop, LoginRefusal> log_in(const mailbox::site::Config& config, const std::string& user,
                                                      const std::string& password, const std::string& peer);

}  // namespace pop3d
