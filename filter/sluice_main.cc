// The one thin binary: which of its programs it is goes by its name, then by the first word.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filter/compat/formail_command.h"
#include "filter/compat/lockfile.h"
#include "filter/compat/mailstat.h"
#include "filter/deliver_command.h"
#include "filter/exit_code.h"
#include "filter/procmail_command.h"
#include "filter/tools/config_command.h"
#include "filter/tools/hand_over.h"
#include "filter/tools/quota_command.h"

namespace {

using Words = std::span<const std::string>;

struct Command {
  std::string_view name;
  int (*run)(Words);   // nullptr: the second binary has it (tools/tools_main.cc)
  const char* summary;
};

constexpr Command kCommands[] = {
    {"deliver", filter::deliver_command, "deliver one message from standard input"},
    {"check", nullptr, "say what is wrong with rule files"},
    {"explain", nullptr, "say in sentences what a rule file does"},
    {"dry-run", nullptr, "say what rules would do with saved mail"},
    {"test", nullptr, "run rule tests"},
    {"lsp", nullptr, "serve an editor as a language server"},
    {"quota", filter::tools::quota_command, "show how full a mailbox is"},
    {"config", filter::tools::config_command, "show the effective configuration"},
};

constexpr int kUsageStatus = 2;

std::string usage() {
  std::string text = "Usage: sluice COMMAND [WORD]...\n\n";
  for (const Command& command : kCommands) {
    std::string name(command.name);
    name.resize(10, ' ');
    text += "  " + name + command.summary + "\n";
  }
  return text +
         "\n\"sluice COMMAND --help\" tells more; sluice(1) tells all. Under the name procmail it takes procmail's options.\n";
}

int run_sluice(const std::string& path, Words words) {
  const std::string first = words.empty() ? "" : words[0];
  if (first == "--help" || first == "-h") return std::fputs(usage().c_str(), stdout) < 0;
  if (first == "--version") return std::puts("sluice " SLUICE_VERSION) < 0;
  for (const Command& command : kCommands)
    if (command.name == first) return command.run ? command.run(words.subspan(1)) : filter::tools::hand_over(path, words);
  const std::string what = first.empty() ? "which command?" : "there is no command \"" + first + "\"";
  std::fputs(("sluice: " + what + "\n" + usage()).c_str(), stderr);
  return kUsageStatus;
}

}  // namespace

// Our own bug must not lose mail: whatever escapes means "try again later".
int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    const std::string path = argc > 0 ? argv[0] : "sluice";
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name == "formail") return filter::compat::formail_command(path, words);
    if (name == "procmail") return filter::procmail_command(path, words);
    if (name == "lockfile") return filter::compat::lockfile_command(name, words);
    if (name == "mailstat") return filter::compat::mailstat_command(name, words);
    return run_sluice(path, words);
  } catch (const std::exception& problem) {
    std::fputs((std::string("4.3.0 sluice: ") + problem.what() + "\n").c_str(), stderr);
  } catch (...) {
    std::fputs("4.3.0 sluice: unknown failure\n", stderr);
  }
  return filter::to_status(filter::ExitCode::TempFail);
}
