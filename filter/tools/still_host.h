// A host that does nothing: every lock is had at once, no log is written, nobody is told. What the tools' hosts share;
// how folders, programs and files are answered is theirs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "rules/host.h"

namespace filter::tools {

class StillHost : public rules::Host {
 public:
  rules::LockOutcome lock(const rules::Place&, const rules::LockRequest&) override { return {.held = true, .notes = {}}; }
  void unlock(const rules::Place&, const std::string&) override {}
  bool open_log(const rules::Place&, const std::string&) override { return true; }
  void log(std::string_view) override {}
  void notify(const rules::Place&, const std::string&, const std::string&) override {}
  void report_delivered() override {}
  void drop_privileges() override {}
  std::optional<int> stop_requested() override { return std::nullopt; }
};

}  // namespace filter::tools
