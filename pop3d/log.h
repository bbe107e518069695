// Where log lines go: standard error, one write each, with the time in front.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "pop3d/log_line.h"

namespace pop3d {

enum class Level { Error, Warning, Info, Debug };

class Log {
 public:
  // log.level and log.format as sluice.conf has them; read_config() has checked them.
  Log(std::string_view level, std::string_view format);

  // Never fails: a log that cannot be written is no reason to end a session.
  void write(Level level, const LogLine& line) const;

 private:
  Level most_;
  bool json_;
};

}  // namespace pop3d
