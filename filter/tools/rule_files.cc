// Reads and compiles a rule file and its includes.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/rule_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <variant>

#include "mailbox/file.h"
#include "rules/lexer.h"
#include "rules/limits.h"
#include "rules/parser.h"
#include "rules/quote.h"

namespace filter::tools {
namespace {

namespace fs = std::filesystem;
using mailbox::ErrorKind;

std::string real_path(const std::string& path) {
  std::error_code failed;
  const auto real = fs::canonical(path, failed);
  return failed ? path : real.string();
}

}  // namespace

mailbox::Result<std::string> read_rule_file(const std::string& path, bool or_pipe) {
  struct stat status{};
  // Looked at before it is opened: opening a device or a FIFO would already be a deed.
  if (stat(path.c_str(), &status) != 0) return mailbox::system_failure("cannot read " + path);
  if (S_ISDIR(status.st_mode)) return mailbox::failure(ErrorKind::Permanent, path + " is a directory, no rule file");
  if (!S_ISREG(status.st_mode) && !(or_pipe && S_ISFIFO(status.st_mode)))
    return mailbox::failure(ErrorKind::Permanent, path + " is no regular file");
  auto fd = mailbox::open_at(AT_FDCWD, path, O_RDONLY | O_NOCTTY | (S_ISREG(status.st_mode) ? O_NONBLOCK : 0));
  if (!fd) return std::unexpected(std::move(fd).error());
  auto text = mailbox::read_bounded(fd->get(), rules::kMaxRuleFile);
  if (!text) return std::unexpected(std::move(text).error().about(path));
  return std::move(*text);
}

mailbox::Result<void> RuleFiles::add(const std::string& path) {
  auto text = read_rule_file(path, true);
  if (!text) return std::unexpected(std::move(text).error());
  add(path, std::move(*text));
  return {};
}

void RuleFiles::add(const std::string& path, std::string text) {
  if (!seen_.insert(real_path(path)).second) return;
  known_ = KnownValues();
  for (const char* name : {"HOME", "MAILDIR"})
    if (!home_.empty()) known_.set(name, home_);
  maildir_is_set_ = false;
  read(path, std::move(text));
  follow(files_.size() - 1, 1);
}

void RuleFiles::read(const std::string& path, std::string text) {
  rules::Source source(path, std::move(text));
  auto compiled = rules::compile(source);
  auto script = rules::parse(rules::tokenize(source).tokens).script;
  files_.push_back({std::move(source), std::move(script), std::move(compiled)});
}

void RuleFiles::follow(std::size_t file, std::size_t depth) {
  const auto program = files_[file].compiled.program;
  for (const rules::Instruction& instruction : program->instructions) {
    const auto* assign = std::get_if<rules::op::Assign>(&instruction.what);
    if (!assign) continue;
    if (assign->name == "INCLUDERC" || assign->name == "SWITCHRC") {
      const auto value = assign->value ? known_.value(*assign->value) : std::string();
      if (value) include(file, instruction.where, *value, depth);
      all_is_read_ &= value.has_value();
    } else {
      known_.take(assign->name, assign->value);
    }
    if (assign->name == "MAILDIR") maildir_is_set_ = true;
  }
}

void RuleFiles::include(std::size_t file, const rules::Position& where, const std::string& name, std::size_t depth) {
  if (name.empty() || name == "/dev/null" || depth >= rules::kMaxIncludes) return;
  const bool is_absolute = name.starts_with('/');
  const std::string* maildir = known_.find("MAILDIR");
  if (!is_absolute && maildir_is_set_ && !maildir) {
    all_is_read_ = false;
    return;
  }
  const fs::path base =
      maildir_is_set_ && maildir ? fs::path(*maildir) : fs::path(files_[file].source.name()).parent_path();
  const std::string path = is_absolute ? name : (base / name).lexically_normal().string();
  auto text = read_rule_file(path, false);
  if (text) {
    if (!seen_.insert(real_path(path)).second) return;
    read(path, std::move(*text));
    follow(files_.size() - 1, depth + 1);
    return;
  }
  all_is_read_ = false;
  auto& diagnostics = files_[file].compiled.diagnostics;
  const auto later = std::find_if(diagnostics.begin(), diagnostics.end(), [&](const rules::Diagnostic& other) {
    return std::pair(other.where.line, other.where.column) > std::pair(where.line, where.column);
  });
  diagnostics.insert(later,
                     {rules::Severity::Warning, where, "unreadable-include",
                      "the included file cannot be read, and is passed over: " + rules::escaped(text.error().text)});
}

}  // namespace filter::tools
