// Carries messages between the editor and the session.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/lsp/lsp_command.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/tools/findings.h"
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
    "It offers what `sluice check` finds as you type, hover (what a recipe does, what a flag, variable or macro "
    "means,\n"
    "the manual's page of a finding), going to where a variable was set and to included files, and completion of "
    "flags,\n"
    "variables and macros. It reads included files, writes none, and starts nothing.\n"
    "Exit status: 0 after shutdown and exit, 1 if the editor went without, 2 usage.\n";

std::vector<rules::Diagnostic> found_in(const std::string& home, const std::string& path, const std::string& text) {
  RuleFiles files(home);
  files.add(path, text);
  find_all(files);
  return std::move(files.list().front().compiled.diagnostics);
}

bool write(const std::vector<std::string>& answers) {
  return std::ranges::all_of(answers, [](const std::string& answer) {
    return mailbox::write_all(STDOUT_FILENO, lsp::framed(answer)).has_value();
  });
}

bool more_waits() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

int serve() {
  const char* variable = std::getenv("HOME");
  const std::string home = variable ? variable : "";
  lsp::Session session(home,
                       [&](const std::string& path, const std::string& text) { return found_in(home, path, text); });
  lsp::FrameReader frames;
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      write(session.findings());
      return kLeft;
    }
    frames.feed({chunk.data(), static_cast<std::size_t>(got)});
    while (const auto body = frames.next()) {
      if (!write(session.take(*body))) return kLeft;
      if (const auto code = session.exit_code()) return *code;
    }
    if (!more_waits() && !write(session.findings())) return kLeft;
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
