// Reads the command line of sluice-pop3d.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/options.h"

namespace pop3d {

std::expected<CommandLine, std::string> read_command_line(std::span<const std::string_view> words) {
  CommandLine read;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (word == "--help" || word == "--version") {
      (word == "--help" ? read.help : read.version) = true;
      continue;
    }
    if (!word.starts_with("--") || word.size() == 2)
      return std::unexpected("unexpected argument '" + std::string(word) + "'");
    const auto equals = word.find('=');
    const std::string name(word.substr(2, equals == word.npos ? equals : equals - 2));
    if (name != "config" && !name.contains('.')) return std::unexpected("unknown option '--" + name + "'");
    if (equals == word.npos && i + 1 == words.size()) return std::unexpected("option '--" + name + "' needs a value");
    std::string value(equals == word.npos ? words[++i] : word.substr(equals + 1));
    if (name == "config") {
      read.config = std::move(value);
    } else {
      read.settings.emplace_back(name, std::move(value));
    }
  }
  return read;
}

}  // namespace pop3d
