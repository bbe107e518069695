// Builds status lines.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/reply.h"

namespace pop3d {
namespace {

std::string status_line(std::string start, std::string_view text) {
  for (const char c : text.substr(0, kLongestStatusLine - 2 - start.size())) start += c >= ' ' && c <= '~' ? c : '?';
  return start += "\r\n";
}

}  // namespace

std::string_view name_of(Code code) {
  switch (code) {
    case Code::None:
      return "";
    case Code::Auth:
      return "AUTH";
    case Code::InUse:
      return "IN-USE";
    case Code::SysTemp:
      return "SYS/TEMP";
    case Code::SysPerm:
      return "SYS/PERM";
  }
  return "";
}

std::string ok(std::string_view text) { return status_line("+OK ", text); }

std::string err(Code code, std::string_view text) {
  const auto name = name_of(code);
  return status_line(name.empty() ? "-ERR " : "-ERR [" + std::string(name) + "] ", text);
}

}  // namespace pop3d
