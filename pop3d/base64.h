// Base64 as SASL has it (RFC 4648, 4): strict, so that a text has one reading.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pop3d {

std::string to_base64(std::string_view bytes);
// Nothing for other characters, a wrong length, wrong padding or bits that are left over.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace pop3d
