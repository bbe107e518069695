// The command line of sluice-pop3d, read: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pop3d {

struct CommandLine {
  std::optional<std::string> config;                          // --config F
  std::vector<std::pair<std::string, std::string>> settings;  // --SECTION.KEY VALUE, in order
  bool help = false;
  bool version = false;
};

// `words` without the program's name. The error is a sentence. Keys are not checked here: read_config() knows them.
std::expected<CommandLine, std::string> read_command_line(std::span<const std::string_view> words);

}  // namespace pop3d
