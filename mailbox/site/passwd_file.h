// A passwd-file as Dovecot has it: user:{SCHEME}hash:uid:gid:gecos:home:shell:extra, one account a line.
// SPDX-License-Identifier: Apache-2.0
//
//   auto file = PasswdFile::read("/etc/sluice/users");   // the whole file, at once
//   auto anna = file->find("anna");
//
// Names are compared as they are spelt; of two lines with one name the first counts. Lines that begin with '#' and
// empty lines are skipped.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mailbox/result.h"
#include "mailbox/site/account.h"

namespace mailbox::site {

class PasswdFile {
 public:
  // Temporary when the file is missing, unreadable, no regular file, or larger than 64 MiB: never "no accounts".
  static Result<PasswdFile> read(const std::string& path);

  // Temporary, naming path:line, when the account's line cannot be used.
  Result<std::optional<Account>> find(std::string_view name) const;
  // Whether `fits` is true of every account's secret.
  bool all_secrets(const std::function<bool(std::string_view)>& fits) const;
  // Whether an account of another name has this uid; an empty field stands for `own`. Lines whose uid cannot be read
  // are no accounts.
  bool names_other_with(uid_t uid, std::string_view name, uid_t own) const;

 private:
  PasswdFile(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
  // Visits every account's line and its number until the visitor says true.
  void visit(const std::function<bool(std::string_view, std::size_t)>& visitor) const;

  std::string path_;
  std::string text_;
};

}  // namespace mailbox::site
