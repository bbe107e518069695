// sluice-admin: finds the command, reads the configuration, does it.
// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "pop3d/admin/commands.h"

namespace pop3d::admin {
namespace {

using Deed = int (*)(const CommandLine&, const mailbox::site::Config&);

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  Deed deed;
};

constexpr std::array kCommands{
    Command{"check", "USER [--repair]", "look at an inbox and its state, and mend them", &check},
    Command{"purge", "USER", "remove what state.dir keeps of an account", &purge},
    Command{"uidl", "export USER", "list the unique ids of an inbox", &uidl},
    Command{"uidl", "import USER [FILE]", "give messages the ids that they had on another server", &uidl},
    Command{"who", "", "list the sessions", &who},
    Command{"kick", "USER", "end a user's session", &kick},
};

void show_help() {
  std::puts("usage: sluice-admin COMMAND [ARGUMENT]... [--config FILE] [--SECTION.KEY VALUE]... [--format text|json]\n");
  std::puts("  password [--scheme S]     read a password, print a secret for accounts.file");
  for (const auto& command : kCommands) {
    const auto synopsis = std::string(command.name) + " " + std::string(command.arguments);
    std::printf("  %-25s %.*s\n", synopsis.c_str(), static_cast<int>(command.help.size()), command.help.data());
  }
  std::puts(
      "\n  --scheme S                YESCRYPT (default), SHA512-CRYPT, SHA256-CRYPT, BLF-CRYPT, SCRAM-SHA-256 or PLAIN\n"
      "  --format json             an object a line\n"
      "  --help, --version         say so, and end\n"
      "\n"
      "Exit: 0 fine; 1 findings; 2 usage, or something cannot be read or done.");
}

int run(const std::vector<std::string_view>& words) {
  const auto line = read_command_line(words);
  if (!line) return complain(line.error() + "; --help shows the usage");
  if (line->help) return show_help(), kFine;
  if (line->version) return std::puts("sluice-admin " SLUICE_VERSION), kFine;
  if (line->words.empty()) return complain("what is to be done? --help lists the commands");
  ::umask(077);
  ::signal(SIGPIPE, SIG_IGN);
  if (line->words[0] == "password") return make_password(*line);
  for (const auto& command : kCommands) {
    if (command.name != line->words[0]) continue;
    const auto config = mailbox::site::read_config(line->config, line->settings);
    if (!config) return complain(config.error().text);
    return command.deed(*line, *config);
  }
  return complain("there is no command '" + line->words[0] + "'; --help lists them");
}

}  // namespace

int complain(std::string_view what) {
  std::fprintf(stderr, "sluice-admin: %.*s\n", static_cast<int>(what.size()), what.data());
  return kUnusable;
}

}  // namespace pop3d::admin

int main(int count, char** words) {
  try {
    return pop3d::admin::run({words + 1, words + count});
  } catch (const std::exception& error) {
    return pop3d::admin::complain(error.what());
  }
}
