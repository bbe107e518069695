// The account that a command is about: found, and become, before anything of it is touched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mailbox/result.h"
#include "mailbox/site/account.h"
#include "mailbox/site/config.h"
#include "pop3d/admin/command_line.h"

namespace pop3d::admin {

struct Subject {
  mailbox::site::Account account;
  std::string inbox;
  std::string state;  // made where it is missing
};

// Word `index` of the command line is a user's name. As root the process is the account's for good afterwards.
mailbox::Result<Subject> take_subject(const CommandLine& line, std::size_t index, const mailbox::site::Config& config);

}  // namespace pop3d::admin
