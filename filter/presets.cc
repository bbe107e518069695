// What procmail presets, as one table.
// SPDX-License-Identifier: Apache-2.0
#include "filter/presets.h"

#include <string_view>

namespace filter {

bool is_keepable(std::string_view assignment) {
  static constexpr std::string_view kPrefixes[] = {"LD_", "_RLD", "LIBPATH=", "ELF_LD_", "AOUT_LD_"};
  static constexpr std::string_view kNames[] = {"IFS=", "ENV=", "PWD="};
  if (assignment.find('=') == std::string_view::npos || assignment.starts_with('=')) return false;
  for (const std::string_view prefix : kPrefixes)
    if (assignment.starts_with(prefix)) return false;
  for (const std::string_view name : kNames)
    if (assignment.starts_with(name)) return false;
  return true;
}

rules::Environment preset_variables(const Recipient& recipient, const std::vector<std::string>& kept) {
  rules::Environment variables;
  for (const std::string& assignment : kept) {
    if (!is_keepable(assignment)) continue;
    const std::size_t sign = assignment.find('=');
    variables.set(assignment.substr(0, sign), rules::Value(assignment.substr(sign + 1)));
  }
  const std::pair<const char*, std::string> presets[] = {
      {"LOGNAME", recipient.name},
      {"HOME", recipient.home},
      {"SHELL", recipient.shell},
      {"ORGMAIL", recipient.inbox},
      {"DEFAULT", recipient.inbox},
      {"MAILDIR", recipient.start.empty() ? recipient.home : recipient.start},
      {"HOST", recipient.host_name},
      {"PATH", recipient.home + "/bin:" + std::string(kSystemPath)},
      {"MSGPREFIX", "msg."},
      {"LOCKEXT", ".lock"},
      {"SENDMAIL", "/usr/sbin/sendmail"},
      {"SENDMAILFLAGS", "-oi"},
      {"SHELLMETAS", "&|<>~;?*["},
      {"SHELLFLAGS", "-c"},
      {"PROCMAIL_VERSION", "3.23pre"},
  };
  for (const auto& [name, value] : presets) variables.set(name, rules::Value(value));
  return variables;
}

}  // namespace filter
