// `sluice test`: rule tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace filter::tools {

// The words behind "sluice test" (CONTRACT.md 2 and 4). Each PATH is a .expect file or a directory, of which all tests
// are run, those in directories below included. Runs no program and delivers nothing; --update writes .expect files.
// Exit code: 0; 1 for a test that fails; 2 for usage and files that cannot be read (the other tests are run all the
// same).
int test_command(std::span<const std::string> arguments);

}  // namespace filter::tools
