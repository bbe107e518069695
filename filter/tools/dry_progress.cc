// Draws a bar with carriage returns.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace filter::tools {
namespace {

constexpr std::size_t kBar = 30;  // columns
constexpr std::chrono::milliseconds kBetweenDrawings{100};

}  // namespace

void DryProgress::add_message(std::size_t bytes) {
  bytes_ += bytes;
  ++messages_;
  // The clock is read once in a while only.
  if (!shown_ || messages_ % 64 != 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + kBetweenDrawings;
  draw();
}

void DryProgress::draw() {
  std::string line = "\r";
  if (total_ > 0) {
    const std::size_t done = std::min<std::size_t>(100, static_cast<std::size_t>(bytes_ * 100 / total_));
    const std::size_t filled = done * kBar / 100;
    line += '[' + std::string(filled, '#') + std::string(kBar - filled, '.') + "] " + std::to_string(done) + "%  ";
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  line += std::to_string(messages_) + " messages, " +
          std::to_string(static_cast<std::size_t>(static_cast<double>(messages_) / std::max(seconds, 0.001))) +
          "/s\033[K";
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

void DryProgress::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace filter::tools
