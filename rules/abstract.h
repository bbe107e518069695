// The three lines that a delivery leaves in the log (PROCMAIL.md 25.2).
// SPDX-License-Identifier: Apache-2.0
//
//   host.log(abstract(message, "lists/dev", 4711));
//
//   From anna@example.org  Mon Nov 23 09:00:00 2026
//    Subject: hello
//     Folder: lists/dev						   4711
#pragma once

#include <cstdint>
#include <string>

#include "mailbox/message.h"

namespace rules {

std::string abstract(const mailbox::Message& message, const std::string& folder, std::uint64_t octets);

}  // namespace rules
