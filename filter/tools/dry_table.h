// The dry-run's table for people: a row for each message, and what it all comes to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "filter/tools/dry_message.h"
#include "filter/tools/dry_rules.h"
#include "filter/tools/dry_tally.h"

namespace filter::tools {

// `width`: columns of the terminal, 0 for a file or pipe; colours only as asked. Rows may be asked for by any thread.
class DryTable {
 public:
  DryTable(std::size_t width, bool colours, bool traced) : width_(width), colours_(colours), traced_(traced) {}

  std::string header() const;
  // The message's row, and with --trace a line for each condition.
  std::string row(const DecidedMessage& message) const;
  // How many messages went where, which recipe matched how often and which never did, what would be lost, what was
  // assumed.
  std::string totals(const DryTally& tally, const std::vector<ListedRules>& rules) const;

 private:
  std::size_t subject_width() const;
  std::string coloured(const char* colour, const std::string& text) const;
  std::string recipe_lines(const DryTally& tally, const std::vector<ListedRules>& rules) const;

  std::size_t width_;
  bool colours_;
  bool traced_;
};

}  // namespace filter::tools
