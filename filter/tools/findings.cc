// Runs the checks over a set of files.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/findings.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "filter/tools/lint/lint.h"

namespace filter::tools {
namespace {

// What procmail would not read rules from, or others could change.
void check_owner(RuleFile& file) {
  struct stat status{};
  const std::string& path = file.source.name();
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  const auto warn = [&](std::string message) {
    auto& found = file.compiled.diagnostics;
    found.insert(found.begin(), {rules::Severity::Warning, {path, 1, 1}, "unsafe-file", std::move(message)});
  };
  if ((status.st_mode & S_IWOTH) != 0) {
    warn("everybody may write this file, so procmail does not read it: chmod o-w");
  } else if (status.st_uid != 0 && geteuid() != 0 && status.st_uid != geteuid()) {
    warn(
        "this file belongs to another user, who may change it, so procmail does not read it as yours: chown it, or "
        "copy it");
  }
}

bool is_directory(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

void find_all(RuleFiles& files) {
  std::vector<lint::Subject> subjects;
  for (RuleFile& file : files.list()) {
    check_owner(file);
    subjects.push_back({&file.source, &file.script, &file.compiled.diagnostics});
  }
  lint::look_over(subjects, files.all_is_read(), {files.home(), is_directory});
}

}  // namespace filter::tools
