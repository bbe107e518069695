// What a delivery tells: the mail server by exit code and one line, the site's log by another.
// SPDX-License-Identifier: Apache-2.0
//
//   Report report = report_of(verdict, failure_status, host, config);
//   log_report(log, config, report, message);
//   return answer(report);          // prints "5.2.2 …" where it is a failure; the exit code
#pragma once

#include <string>

#include "filter/agent_host.h"
#include "filter/exit_code.h"
#include "mailbox/message.h"
#include "mailbox/site/config.h"
#include "rules/rules.h"

namespace filter {

struct Report {
  ExitCode code = ExitCode::TempFail;
  std::string status;            // RFC 3463: "5.2.2"; empty where nothing failed
  std::string text;              // a sentence for the sender
  std::string account = {};
  std::string folder = {};
  std::string outcome = {};      // delivered, refused, deferred, …
};

inline Report temporary(std::string status, std::string text) {
  return {ExitCode::TempFail, std::move(status), std::move(text)};
}

// `failure_status`: the exit code of a run that nothing took, unless the rules set EXITCODE.
Report report_of(const rules::Verdict& verdict, int failure_status, const AgentHost& host, const mailbox::site::Config& config);

// One line: event=delivery user=anna outcome=delivered folder=… octets=… message-id=….
void log_report(Log& log, const mailbox::site::Config& config, const Report& report, const mailbox::Message& message);

// Prints a failure's line on standard error; returns the exit code.
int answer(const Report& report);

}  // namespace filter
