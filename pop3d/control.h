// The starter's control socket: by it sluice-admin asks the running server.
// SPDX-License-Identifier: Apache-2.0
//
//   auto control = Control::open("/var/lib/sluice");         // an error: another server has it, or it cannot be made
//   poll(control->fd()) …; control->serve([](const std::string& request) { return answer; });
//
// state.dir/.control, 0600; no account can have a name that begins with a dot. A request is one line, at most
// kLongestRequest octets, from root or the server's own user; who does not finish it within a second is not answered.
#pragma once

#include <functional>
#include <string>

#include "mailbox/file.h"
#include "mailbox/result.h"

namespace pop3d {

class Control {
 public:
  static mailbox::Result<Control> open(const std::string& state_dir);
  Control() = default;  // none
  Control(Control&& other) noexcept = default;
  Control& operator=(Control&& other) noexcept;
  ~Control() { remove(); }

  int fd() const { return fd_.get(); }
  // Whoever waits now: one request each.
  void serve(const std::function<std::string(const std::string&)>& answer) const;

 private:
  Control(mailbox::UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  void remove();

  mailbox::UniqueFd fd_;
  std::string path_;
};

}  // namespace pop3d
