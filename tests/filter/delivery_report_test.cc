// Verdicts as the mail server hears them.
// SPDX-License-Identifier: Apache-2.0
#include "filter/delivery_report.h"

#include <catch2/catch.hpp>

#include "filter/delivery_plan.h"
#include "filter/rc_file.h"
#include "rules/compiler.h"

using namespace filter;

namespace {


Report after(rules::Ending ending, int exit_code) {
  Log log = Log::to_descriptor(-1);
  const AgentHost host({.log = &log});
  return report_of({ending, exit_code, "box"}, 75, host, {});
}

}  // namespace

TEST_CASE("exit codes and status codes of a run") {
  const struct {
    rules::Ending ending;
    int exit_code;
    int code;
    std::string status;
  } rows[] = {
      {rules::Ending::Delivered, 0, 0, ""},         {rules::Ending::HostMismatch, 0, 0, ""},
      {rules::Ending::Failed, 75, 75, "4.3.0"},     {rules::Ending::Delivered, 67, 67, "5.1.1"},
      {rules::Ending::Delivered, 77, 77, "5.7.1"},  {rules::Ending::Failed, 75, 75, "4.3.0"},
      {rules::Ending::Stopped, 75, 75, "4.3.0"},    {rules::Ending::Stopped, 73, 73, "5.7.1"},
      {rules::Ending::Delivered, 75, 75, "4.3.0"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.exit_code);
    const Report report = after(row.ending, row.exit_code);
    CHECK(to_status(report.code) == row.code);
    CHECK(report.status == row.status);
  }
}
