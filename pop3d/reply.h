// Status lines as they go over the wire: "+OK" or "-ERR", a response code, a text, never more than 512 octets.
// SPDX-License-Identifier: Apache-2.0
//
//   ok("2 messages");                           // "+OK 2 messages\r\n"
//   err(Code::InUse, "mailbox is in use");      // "-ERR [IN-USE] mailbox is in use\r\n"
//
// Text is cut and cleaned: whatever is not printable ASCII becomes '?', so nothing a client or a mailbox holds can end
// the line or start another (POP3.md 2). There is always a blank after the status word: some clients insist on it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pop3d {

inline constexpr std::size_t kLongestStatusLine = 512;  // octets with CRLF (RFC 2449 section 4)

// RFC 2449 section 8 and RFC 3206.
enum class Code { None, Auth, InUse, SysTemp, SysPerm };
std::string_view name_of(Code code);  // "IN-USE"

std::string ok(std::string_view text);
std::string err(Code code, std::string_view text);
inline std::string err(std::string_view text) { return err(Code::None, text); }

}  // namespace pop3d
