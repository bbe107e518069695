// How far a dry-run is, as a bar on a terminal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace filter::tools {

// Draws on standard error if that is a terminal, a few times a second; else does nothing. `total`: bytes of mail to
// come; 0: unknown, then messages are counted without a bar.
class DryProgress {
 public:
  DryProgress(bool shown, std::uint64_t total) : shown_(shown), total_(total) {}
  ~DryProgress() { clear(); }
  DryProgress(const DryProgress&) = delete;
  DryProgress& operator=(const DryProgress&) = delete;

  void add_message(std::size_t bytes);
  // Takes the bar away, so that something else can be written there.
  void clear();

 private:
  void draw();

  bool shown_;
  bool drawn_ = false;
  std::uint64_t total_;
  std::uint64_t bytes_ = 0;
  std::size_t messages_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = start_ + std::chrono::milliseconds(300);
};

}  // namespace filter::tools
