// A checker: one process that looks an account up and tries one password after another, however long that takes.
// SPDX-License-Identifier: Apache-2.0
//
// The authenticator has a few of them, so that a slow hash, a directory that does not answer or a PAM module that
// crashes holds up nobody else.
#pragma once

#include "mailbox/file.h"
#include "mailbox/site/config.h"

namespace pop3d {

// In a process of its own: answers each Check with a Verdict until the other side is gone.
void run_checker(const mailbox::site::Config& config, const mailbox::UniqueFd& authenticator);

}  // namespace pop3d
