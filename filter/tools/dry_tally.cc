// Counts decisions.
// SPDX-License-Identifier: Apache-2.0
#include "filter/tools/dry_tally.h"

namespace filter::tools {
namespace {

template <class Key, class Count>
Count& counter(std::map<Key, Count>& counts, const Key& key, const Key& others) {
  if (const auto found = counts.find(key); found != counts.end()) return found->second;
  return counts[counts.size() < DryTally::kMostKinds ? key : others];
}

const std::string kOthers = "(others)";

}  // namespace

void DryTally::add(const DecidedMessage& message) {
  const Decision& decision = message.decision;
  ++messages_;
  ++outcomes_[static_cast<std::size_t>(decision.outcome)];
  for (const Action& action : decision.actions) ++counter(places_, place_text(action), kOthers);
  if (decision.actions.empty()) ++counter(places_, std::string("nowhere: ") + name_of(decision.outcome), kOthers);
  for (const std::string& what : decision.assumed) ++counter(assumed_, what, kOthers);
  for (const rules::Event& step : decision.applied) {
    Recipe& recipe = counter(recipes_, Rule{step.where.file, step.where.line}, Rule{kOthers, 0});
    ++recipe.matched;
    if (!step.held.value_or(true)) ++recipe.failed;
  }
  const bool danger =
      decision.outcome == Outcome::Lost || decision.outcome == Outcome::Refused || decision.outcome == Outcome::Unknown;
  if (danger && in_danger_.size() < kMostNamed)
    in_danger_.push_back(std::string(name_of(decision.outcome)) + "  " + message.source + ':' +
                         std::to_string(message.index) + "  " + readable(message.subject.value_or("(no subject)")));
}

void DryTally::merge(const DryTally& later) {
  messages_ += later.messages_;
  for (std::size_t i = 0; i < outcomes_.size(); ++i) outcomes_[i] += later.outcomes_[i];
  for (const auto& [place, count] : later.places_) counter(places_, place, kOthers) += count;
  for (const auto& [what, count] : later.assumed_) counter(assumed_, what, kOthers) += count;
  for (const auto& [rule, counts] : later.recipes_) {
    Recipe& recipe = counter(recipes_, rule, Rule{kOthers, 0});
    recipe.matched += counts.matched;
    recipe.failed += counts.failed;
  }
  for (const std::string& message : later.in_danger_)
    if (in_danger_.size() < kMostNamed) in_danger_.push_back(message);
}

}  // namespace filter::tools
