// Finds the second binary and becomes it.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/hand_over.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "filter/tools/site_tool.h"

namespace filter::tools {
namespace {

namespace fs = std::filesystem;

// Where this program lies; empty if neither /proc nor its name tells.
fs::path own_folder(const std::string& program) {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) return self.parent_path();
  return program.find('/') == std::string::npos ? fs::path() : fs::absolute(program, failed).parent_path();
}

std::vector<std::string> candidates(const std::string& program) {
  const fs::path folder = own_folder(program);
  std::vector<std::string> paths;
  if (!folder.empty()) paths = {folder / "sluice-tools", (folder / SLUICE_TOOLS_FROM_BIN).lexically_normal()};
  paths.emplace_back(SLUICE_TOOLS);
  return paths;
}

}  // namespace

int hand_over(const std::string& program, std::span<const std::string> words) {
  std::vector<std::string> arguments{"sluice-tools"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string tried;
  for (const std::string& path : candidates(program)) {
    execv(path.c_str(), argv.data());
    tried += (tried.empty() ? "" : "; ") + path + ": " + std::strerror(errno);
  }
  return complain(words[0], "the program with the rule tools cannot be executed: " + tried);
}

}  // namespace filter::tools
