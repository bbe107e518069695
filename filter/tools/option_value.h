// Takes an option's value from a tool's command line: `--name VALUE` or `--name=VALUE`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mailbox/result.h"

namespace filter::tools {

// The value, if words[at] is that option; `at` then stands on the last word that belongs to it. Permanent: no value.
mailbox::Result<std::optional<std::string>> option_value(std::span<const std::string> words, std::size_t& at,
                                                         std::string_view name);

// One of `choices`, by its index. Permanent: "unknown format 'xml': text or json".
mailbox::Result<std::size_t> choice(std::string_view what, const std::string& value,
                                    std::span<const std::string_view> choices);

}  // namespace filter::tools
