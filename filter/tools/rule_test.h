// Runs one rule test: NAME.eml through the rules, against NAME.expect.
// SPDX-License-Identifier: Apache-2.0
//
//   auto result = run_rule_test("tests/lists/dev.expect");
//   if (!result->passed) fputs(result->difference.c_str(), stdout);
//
// The run starts in HOME=/home/user with LOGNAME=user, the inbox /var/mail/user and nothing of the environment, so that
// it is the same everywhere; `set` lines change that. No program is run, no folder is looked at.
#pragma once

#include <string>
#include <vector>

#include "filter/tools/rule_test_file.h"
#include "mailbox/result.h"
#include "rules/trace.h"

namespace filter::tools {

struct RuleTestResult {
  std::string path;  // the .expect file
  bool passed = false;
  std::vector<std::string> expected;  // lines, as the file has them
  std::vector<std::string> got;       // what happened, in the same words
  std::vector<rules::Event> trace;
  std::vector<std::string> assumed;  // of programs that the test does not name
  std::string updated;               // the file as it would have to be
};

// NotFound or Permanent, as a sentence: a file that cannot be read, or does not say what it must.
mailbox::Result<RuleTestResult> run_rule_test(const std::string& expect_path);

// Lines of both: "  same", "- only expected", "+ only got".
std::string difference(const std::vector<std::string>& expected, const std::vector<std::string>& got);

}  // namespace filter::tools
