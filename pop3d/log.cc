// Writes log lines to standard error.
// SPDX-License-Identifier: Apache-2.0
#include "pop3d/log.h"

#include <unistd.h>

#include <ctime>
#include <string>

namespace pop3d {
namespace {

Level level_of(std::string_view name) {
  if (name == "error") return Level::Error;
  if (name == "warning") return Level::Warning;
  if (name == "debug") return Level::Debug;
  return Level::Info;
}

std::string utc_now() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  char text[32];
  ::gmtime_r(&now, &parts);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

Log::Log(std::string_view level, std::string_view format) : most_(level_of(level)), json_(format == "json") {}

void Log::write(Level level, const LogLine& line) const {
  if (level > most_) return;
  const auto text = json_ ? "{\"time\":\"" + utc_now() + "\"," + line.json().substr(1) + '\n'
                          : "time=" + utc_now() + ' ' + line.text() + '\n';
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody is left to be told
}

}  // namespace pop3d
