// Lists of unique ids as other POP3 servers keep them: text becomes data.
// SPDX-License-Identifier: Apache-2.0
//
//   read_uidl_list("/3 12 1700000000\n1699999999.M1.host 4711 11:1700000000:0\n");   // Courier: "UID11-1700000000"
//
// Known are Dovecot's dovecot-uidlist (versions 1 and 3; ids as pop3_uidl_format has them by default, %08Xu%08Xv, or
// those that the list itself names), Courier's courierpop3dsizelist (versions 1 to 3), and lines "NUMBER ID" as UIDL
// answers them and `uidl export` prints them. Lines that are none are left out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pop3d::admin {

struct ForeignList {
  std::map<std::string, std::string, std::less<>> by_file;  // of a Maildir: its unique name, up to ':'
  std::map<std::uint64_t, std::string> by_number;           // as the other server listed them; from 1
};

ForeignList read_uidl_list(std::string_view text);

// The value of a message's X-UIDL field, without blanks around it; empty where there is none. `text` is on the wire.
std::string x_uidl_of(std::string_view text);

}  // namespace pop3d::admin
