// The starter's control socket: by it sluice-admin asks the running server.
// SPDX-License-Identifier: Apache-2.0
//
//   auto control = open_control("/var/lib/sluice");          // an error: another server has it, or it cannot be made
//   poll(control->fd()) …; serve_control(*control, [](const std::string& request) { return answer; });
//
// state.dir/.control, 0600; no account can have a name that begins with a dot. A request is one line, at most 512
// octets, from root or the server's own user; who does not finish it within a second is not answered.
#pragma once

#include <functional>
#include <string>

#include "mailbox/result.h"
#include "pop3d/socket_file.h"

namespace pop3d {

mailbox::Result<SocketFile> open_control(const std::string& state_dir);
// Whoever waits now: one request each.
void serve_control(const SocketFile& control, const std::function<std::string(const std::string&)>& answer);

}  // namespace pop3d
