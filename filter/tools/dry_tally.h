// Counts what a dry-run decided: places, recipes, assumptions, and what would be lost.
// SPDX-License-Identifier: Apache-2.0
//
//   DryTally tally;                 // one for each batch, by any thread
//   tally.add(message);
//   all.merge(tally);               // in the messages' order
//
// Bounded whatever the mail says: of each kind at most kMostKinds different things are counted by name.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "filter/tools/dry_message.h"

namespace filter::tools {

class DryTally {
 public:
  static constexpr std::size_t kMostKinds = 20'000;
  static constexpr std::size_t kMostNamed = 20;   // messages that are told one by one
  using Rule = std::pair<std::string, unsigned>;  // file and line
  struct Recipe {
    std::size_t matched = 0;
    std::size_t failed = 0;  // of those, how often its action came to nothing
  };

  void add(const DecidedMessage& message);
  void merge(const DryTally& later);

  std::size_t messages() const { return messages_; }
  std::size_t count(Outcome outcome) const { return outcomes_[static_cast<std::size_t>(outcome)]; }
  const std::map<std::string, std::size_t>& places() const { return places_; }
  const std::map<Rule, Recipe>& recipes() const { return recipes_; }
  const std::map<std::string, std::size_t>& assumed() const { return assumed_; }
  // Messages that nothing kept, or that would go back: the first of them, each as a line of text.
  const std::vector<std::string>& in_danger() const { return in_danger_; }
  std::size_t endangered() const { return count(Outcome::Lost) + count(Outcome::Refused) + count(Outcome::Unknown); }

 private:
  std::size_t messages_ = 0;
  std::array<std::size_t, 7> outcomes_{};
  std::map<std::string, std::size_t> places_;
  std::map<Rule, Recipe> recipes_;
  std::map<std::string, std::size_t> assumed_;
  std::vector<std::string> in_danger_;
};

}  // namespace filter::tools
