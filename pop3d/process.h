// Processes of our own program: what a new one keeps, and how signals reach it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <initializer_list>
#include <vector>

#include "mailbox/file.h"

namespace pop3d {

// Blocks these for good, here and in children: they are read as data (signalfd), or are nobody's business.
void block_signals(std::initializer_list<int> signals);
mailbox::UniqueFd signal_fd(std::initializer_list<int> signals);

// Forks. The child is called `name` in ps(1); it keeps standard input, output and error and `kept`, and no other
// descriptor, however it was come by; it runs `body` and ends with its result. -1: the fork failed, with errno. Never
// returns in the child.
pid_t start_process(const char* name, std::vector<mailbox::UniqueFd> kept,
                    const std::function<int(std::vector<mailbox::UniqueFd>)>& body);

}  // namespace pop3d
