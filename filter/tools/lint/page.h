// A check's section of sluice-checks(7), for editors and code hosts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace filter::tools::lint {

// The manual as it is written, in mdoc(7). Compiled in (manual.cc.in).
extern const std::string_view kChecksManual;

// In Markdown: what goes wrong, an example, how it is mended. Empty: there is no such check.
std::string page_of(std::string_view check);

}  // namespace filter::tools::lint
