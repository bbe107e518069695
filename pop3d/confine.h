// What a process that talks to strangers gives up before it does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mailbox/result.h"

namespace pop3d {

// Raises the limit on open descriptors as far as `wanted`; what there is then.
std::size_t raise_descriptor_limit(std::size_t wanted);

// No other process of the same uid can look into this one, and it leaves no core file: for all that hold secrets.
void hide_memory();

// For good: as root it becomes the user sluice-pop3d (or nobody) in an empty root directory; then Landlock without any
// right and a seccomp filter that knows neither files nor programs nor new sockets. After that it has the descriptors
// that it holds and is sent, and nothing else. What this system does not offer is left out and named: "chroot",
// "landlock", "seccomp" (which sanitizers cannot stand). An error: root could not be given up, or something broke.
mailbox::Result<std::vector<std::string>> confine_front();

}  // namespace pop3d
