// sluice-pop3d: command line and configuration, then the server until it is told to end.
// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "pop3d/server.h"

namespace {

constexpr int kUsage = 2;    // usage or configuration
constexpr int kFailure = 1;  // the system did not let us: address in use, no rights

int complain(std::string_view text) {
  std::fprintf(stderr, "sluice-pop3d: %.*s\n", static_cast<int>(text.size()), text.data());
  return kUsage;
}

int show_help() {
  std::puts(
      "usage: sluice-pop3d [--config FILE] [--SECTION.KEY VALUE]...\n"
      "\n"
      "The POP3 server of Sluice. Stays in the foreground and logs to standard error.\n"
      "\n"
      "  --config FILE          read FILE instead of /etc/sluice/sluice.conf\n"
      "  --SECTION.KEY VALUE    override a setting, for example --pop3.listen 127.0.0.1:1110\n"
      "  --help, --version      say so, and end\n"
      "\n"
      "Signals: TERM ends it when sessions are done, HUP reads the configuration again.\n"
      "Exit: 0 ended by TERM or INT; 1 cannot listen; 2 usage or configuration.\n"
      "\n"
      "Settings:");
  for (const auto& key : mailbox::site::config_keys()) std::printf("  %s\n", key.c_str());
  return 0;
}

int serve(const std::vector<std::string_view>& words) {
  auto options = pop3d::read_command_line(words);
  if (!options) return complain(options.error() + "; --help shows the usage");
  if (options->help) return show_help();
  if (options->version) return std::puts("sluice-pop3d " SLUICE_VERSION), 0;
  auto config = mailbox::site::read_config(options->config, options->settings);
  if (!config) return complain(config.error().text);
  if (const auto usable = pop3d::check_config(*config); !usable) return complain(usable.error().text);
  ::umask(077);
  pop3d::Server server(std::move(*options), std::move(*config));
  if (const auto started = server.start(); !started) {
    complain(started.error().text);
    return started.error().is_permanent() ? kUsage : kFailure;
  }
  return server.run();
}

}  // namespace

int main(int count, char** words) {
  try {
    return serve({words + 1, words + count});
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return kFailure;
}
