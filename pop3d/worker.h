// A worker: becomes the account, and only then touches its mailbox; opens it at login, removes from it at QUIT.
// SPDX-License-Identifier: Apache-2.0
//
// A login's worker locks, freezes and lists the mailbox, and hands the front a list, the session's lock and, of an
// mbox, the file for reading only; then it ends. Of a Maildir the front asks it for each message's file, and it ends
// when nothing was asked for a while; another one takes over then.
#pragma once

#include "mailbox/site/config.h"
#include "pop3d/letter.h"

namespace pop3d {

// In a process of its own. `order`: Letter::Kind::Order, whose texts and descriptors are named there.
void run_worker(const mailbox::site::Config& config, Letter order);

}  // namespace pop3d
