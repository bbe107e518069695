// The command line of sluice-admin as data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mailbox/site/config.h"

namespace pop3d::admin {

struct CommandLine {
  std::vector<std::string> words;  // the command, then what it is about
  std::optional<std::string> config;
  std::vector<mailbox::site::Setting> settings;
  std::string scheme;  // --scheme
  bool json = false;
  bool repair = false;
  bool help = false;
  bool version = false;
};

// The error is a sentence. Which words a command takes is for the command to say.
std::expected<CommandLine, std::string> read_command_line(std::span<const std::string_view> words);

}  // namespace pop3d::admin
