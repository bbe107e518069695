// Verdicts as exit codes, enhanced status codes and log lines.
// SPDX-License-Identifier: Apache-2.0
#include "filter/delivery_report.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace filter {
namespace {

// Text for a log of key=value: hostile bytes become '?', and what holds blanks or quotes is quoted.
std::string value(std::string_view text) {
  static constexpr std::size_t kLongest = 200;
  std::string out;
  bool plain = !text.empty();
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    plain = plain && byte > 0x20 && c != '"' && c != '=';
    out += byte < 0x20 || byte == 0x7f || c == '"' ? '?' : c;
  }
  return plain ? out : '"' + out + '"';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string outcome_of(const Report& report) {
  if (report.code == ExitCode::Ok) return "delivered";
  if (report.code == ExitCode::TempFail) return "deferred";
  return "refused";
}

}  // namespace

Report report_of(const rules::Verdict& verdict, int failure_status, const AgentHost& host, const mailbox::site::Config& config) {
  if (verdict.exit_code == 0) return {ExitCode::Ok, "", ""};
  const auto code = static_cast<ExitCode>(verdict.exit_code);
  // The rules' own exit code, or a signal's: they know why.
  if (verdict.ending != rules::Ending::Failed || verdict.exit_code != failure_status) {
    const bool passing = code == ExitCode::TempFail;
    const std::string who = verdict.ending == rules::Ending::Stopped ? "the delivery was stopped" : "the recipient's rules refuse it";
    return {code, passing ? "4.3.0" : code == ExitCode::NoUser ? "5.1.1" : "5.7.1", who};
  }
  // Over quota alone is the sender's business; whatever may pass by itself is tried again.
  if (host.refusal() && !host.temporary_failure()) {
    const bool reject = config.quota_exceeded == mailbox::site::QuotaExceeded::Reject;
    return {reject ? ExitCode::CannotCreate : ExitCode::TempFail, reject ? "5.2.2" : "4.2.2", host.refusal()->text};
  }
  return temporary("4.3.0", host.last_error().empty() ? "nothing took the message" : host.last_error());
}

void log_report(Log& log, const mailbox::site::Config& config, const Report& report, const mailbox::Message& message) {
  static_cast<void>(config);
  std::string line = "sluice: event=delivery user=" + value(report.account) + " outcome=" + outcome_of(report);
  if (!report.folder.empty()) line += " folder=" + value(report.folder);
  line += " octets=" + std::to_string(message.bytes().size());
  if (const auto id = message.field("Message-ID")) line += " message-id=" + value(trimmed(*id));
  if (const char* queue = std::getenv("QUEUE_ID"); queue != nullptr && *queue != '\0') line += std::string(" queue-id=") + value(queue);
  if (report.code != ExitCode::Ok)
    line += " exit=" + std::to_string(to_status(report.code)) + " status=" + report.status + " reason=" + value(report.text);
  log.write(line + '\n');
}

int answer(const Report& report) {
  if (report.code != ExitCode::Ok) {
    std::string line = report.status + ' ' + report.text;
    for (char& c : line)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    std::fputs((line + '\n').c_str(), stderr);
  }
  return to_status(report.code);
}

}  // namespace filter
