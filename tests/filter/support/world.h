// A host in a directory of a test's own, and deliveries and programs to ask it for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filter/agent_host.h"
#include "tests/filter/support/scratch.h"

using filter::AgentHost;
using filter::AgentSetup;
using filter::Log;
using rules::FolderOutcome;
using rules::Place;
using Kind = rules::FolderOutcome::Kind;
using Notes = std::vector<std::string>;

inline constexpr std::string_view kHeader = "From a  Thu Jan  1 00:00:00 1970\nSubject: x\n\n";
inline constexpr std::string_view kBody = "body\n";

// A host that starts in a directory of the test's own.
struct World {
  Scratch scratch;
  Log log = Log::to_descriptor(-1);
  AgentSetup setup;

  World() {
    setup.log = &log;
    setup.directory = scratch.fd();
  }
};

inline rules::FolderDelivery to(std::vector<std::string> folders, bool ignore_errors = false) {
  rules::FolderDelivery delivery;
  delivery.folders = std::move(folders);
  delivery.content = {kHeader, kBody, false};
  delivery.ignore_errors = ignore_errors;
  delivery.message_prefix = "msg.";
  return delivery;
}

inline std::size_t files_in(const std::string& path) {
  std::size_t count = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

inline rules::ProgramCall call(const std::string& text) {
  rules::ProgramCall program;
  program.argv = {"/bin/sh", "-c", text};
  program.environment = {"PATH=/usr/bin:/bin"};
  program.output_limit = 1 << 20;
  program.purpose = rules::ProgramCall::Purpose::Capture;
  return program;
}
