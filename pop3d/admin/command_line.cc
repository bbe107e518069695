// Reads the command line of sluice-admin.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/admin/command_line.h"

namespace pop3d::admin {
namespace {

// Takes an option that stands alone; false: it is none of these.
bool take_flag(std::string_view word, CommandLine& read) {
  if (word == "--help") return read.help = true;
  if (word == "--version") return read.version = true;
  if (word == "--repair") return read.repair = true;
  return false;
}

// Takes an option with its value; what is wrong with it, or nothing.
std::optional<std::string> take_value(const std::string& name, std::string value, CommandLine& read) {
  if (name == "config") {
    read.config = std::move(value);
  } else if (name == "scheme") {
    read.scheme = std::move(value);
  } else if (name == "format") {
    if (value != "text" && value != "json") return "--format is text or json, not '" + value + "'";
    read.json = value == "json";
  } else if (name.contains('.')) {
    read.settings.emplace_back(name, std::move(value));
  } else {
    return "unknown option '--" + name + "'";
  }
  return std::nullopt;
}

}  // namespace

std::expected<CommandLine, std::string> read_command_line(std::span<const std::string_view> words) {
  CommandLine read;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (take_flag(word, read)) continue;
    if (!word.starts_with("--") || word.size() == 2) {
      read.words.emplace_back(word);
      continue;
    }
    const auto equals = word.find('=');
    const std::string name(word.substr(2, equals == word.npos ? equals : equals - 2));
    if (equals == word.npos && i + 1 == words.size()) return std::unexpected("option '--" + name + "' needs a value");
    auto wrong = take_value(name, std::string(equals == word.npos ? words[++i] : word.substr(equals + 1)), read);
    if (wrong) return std::unexpected(std::move(*wrong));
  }
  return read;
}

}  // namespace pop3d::admin
