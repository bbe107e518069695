// Carries messages between the editor and the session.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/lsp_command.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "filter/tools/lsp/frame.h"
#include "filter/tools/lsp/session.h"
#include "filter/tools/site_tool.h"
#include "mailbox/file.h"

namespace filter::tools {
namespace {

constexpr int kLeft = 1;

constexpr std::string_view kHelp =
    "usage: sluice lsp\n"
    "A language server for rule files: an editor starts it, and talks JSON-RPC with it over standard input and "
    "output.\n"
    "It offers diagnostics as you type, hover (what a flag, variable or macro means), going to where a variable was\n"
    "set and to included files, and completion of flags, variables and macros. It opens no file and starts nothing.\n"
    "Exit status: 0 after shutdown and exit, 1 if the editor went without, 2 usage.\n";

int serve() {
  const char* home = std::getenv("HOME");
  lsp::Session session(home ? home : "");
  lsp::FrameReader frames;
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return kLeft;
    frames.feed({chunk.data(), static_cast<std::size_t>(got)});
    while (const auto body = frames.next()) {
      for (const std::string& answer : session.take(*body))
        if (!mailbox::write_all(STDOUT_FILENO, lsp::framed(answer))) return kLeft;
      if (const auto code = session.exit_code()) return *code;
    }
  }
}

}  // namespace

int lsp_command(std::span<const std::string> arguments) {
  if (arguments.size() == 1 && arguments[0] == "--help") return print(kHelp);
  if (arguments.size() == 1 && arguments[0] == "--version") return print("sluice " SLUICE_VERSION "\n");
  // "--stdio" is what many editors add.
  if (arguments.empty() || (arguments.size() == 1 && arguments[0] == "--stdio")) return serve();
  return complain("lsp", "it takes no words; try --help");
}

}  // namespace filter::tools
