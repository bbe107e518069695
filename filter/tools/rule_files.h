// A rule file with the files that it includes, as far as the text alone tells which those are.
// SPDX-License-Identifier: Apache-2.0
//
//   RuleFiles files(home);
//   auto added = files.add("/home/anna/.procmailrc");
//   for (const RuleFile& file : files.list()) …      // the file itself first, then its includes as they are met
//
// Followed are INCLUDERC and SWITCHRC whose value is a constant, or is made of HOME and of variables that the files
// gave a constant value before. A relative name is looked for in MAILDIR if the files have set it so, else beside the
// file that names it. Blocks are read as if they were entered; what depends on a message is left alone. Opens files
// for reading only; each file is read once.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "filter/tools/known_values.h"
#include "mailbox/result.h"
#include "rules/ast.h"
#include "rules/compiler.h"
#include "rules/diagnostic.h"

namespace filter::tools {

struct RuleFile {
  rules::Source source;
  rules::Script script;
  rules::Compiled compiled;
};

// The text of a rule file, at most rules::kMaxRuleFile. `or_pipe`: a FIFO will do as well, and is waited for.
mailbox::Result<std::string> read_rule_file(const std::string& path, bool or_pipe);

class RuleFiles {
 public:
  // `home`: what $HOME stands for; empty: unknown.
  explicit RuleFiles(std::string home) : home_(std::move(home)) {}

  // Each file starts anew, knowing HOME only. An error: the file itself cannot be read. An include that cannot is a
  // warning where it is named.
  mailbox::Result<void> add(const std::string& path);
  // With this text instead of what is on the disk: an editor's, not saved yet.
  void add(const std::string& path, std::string text);
  const std::vector<RuleFile>& list() const { return files_; }
  std::vector<RuleFile>& list() { return files_; }
  const std::string& home() const { return home_; }
  // No include was out of sight: unreadable, or named by what the text alone does not tell.
  bool all_is_read() const { return all_is_read_; }

 private:
  void read(const std::string& path, std::string text);
  void follow(std::size_t file, std::size_t depth);
  void include(std::size_t file, const rules::Position& where, const std::string& name, std::size_t depth);

  std::string home_;
  std::vector<RuleFile> files_;
  std::set<std::string> seen_;  // by their real paths
  KnownValues known_;
  bool maildir_is_set_ = false;
  bool all_is_read_ = true;
};

}  // namespace filter::tools
