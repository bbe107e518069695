// `sluice lsp`: a language server for rule files, on standard input and output.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// Reads rule files that the open ones include; writes none, starts nothing. Exit code: 0 after "shutdown" and "exit",
// 1 if the client went without "shutdown", 2 for usage.
int lsp_command(std::span<const std::string> arguments);

}  // namespace filter::tools
