// The second binary: the tools that need more than a delivery may cost. `sluice COMMAND` executes it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "filter/tools/check_command.h"
#include "filter/tools/dry_run_command.h"
#include "filter/tools/explain_command.h"
#include "filter/tools/lsp/lsp_command.h"
#include "filter/tools/site_tool.h"
#include "filter/tools/test_command.h"

namespace {

using Words = std::span<const std::string>;

struct Command {
  std::string_view name;
  int (*run)(Words);
};

constexpr Command kCommands[] = {
    {"check", filter::tools::check_command},
    {"dry-run", filter::tools::dry_run_command},
    {"explain", filter::tools::explain_command},
    {"test", filter::tools::test_command},
    {"lsp", filter::tools::lsp_command},
};

int run_tool(Words words) {
  const std::string first = words.empty() ? "" : words[0];
  if (first == "--version") return filter::tools::print("sluice-tools " SLUICE_VERSION "\n");
  for (const Command& command : kCommands)
    if (command.name == first) return command.run(words.subspan(1));
  std::fputs("sluice-tools is started by sluice(1): sluice check, explain, dry-run, test, lsp\n", stderr);
  return first == "--help" ? filter::tools::kFine : filter::tools::kUnusable;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_tool(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  } catch (const std::exception& problem) {
    std::fputs((std::string("sluice: ") + problem.what() + "\n").c_str(), stderr);
  } catch (...) {
    std::fputs("sluice: unknown failure\n", stderr);
  }
  return filter::tools::kUnusable;
}
