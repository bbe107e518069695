// The deterministic walk, and how its sets of states are made when a byte leads to one not met before.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/earliest.h"

#include <algorithm>

namespace rules {

std::size_t EarliestEnd::KeyHash::operator()(const std::vector<StateId>& key) const {
  std::size_t hash = key.size();
  for (const StateId id : key) hash = (hash ^ id) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}

EarliestEnd::EarliestEnd(const Nfa& nfa, std::size_t max_kept_sets)
    : nfa_(nfa), max_kept_sets_(max_kept_sets), reached_(nfa.states.size()) {}

std::optional<std::size_t> EarliestEnd::find(std::string_view framed, std::size_t start) {
  SetId set = initial();
  for (std::size_t at = start; at < framed.size(); ++at) {
    if (kept_[static_cast<std::size_t>(set)].accepts) return at;
    if (at + 1 == framed.size()) {
      set = advance(set, area_end());
      if (kept_[static_cast<std::size_t>(set)].accepts) return at;
    }
    const auto byte = static_cast<std::uint8_t>(framed[at]);
    set = advance(set, at == 0 ? area_begin() : nfa_.byte_class[byte]);
  }
  if (kept_[static_cast<std::size_t>(set)].accepts) return framed.size();
  return std::nullopt;
}

EarliestEnd::SetId EarliestEnd::advance(SetId from, unsigned symbol) {
  const std::size_t width = nfa_.classes + kSpecialSymbols;
  const SetId known = table_[static_cast<std::size_t>(from) * width + symbol];
  return known != kUnknown ? known : make(from, symbol);
}

// A match may begin anywhere, so the start is in every set.
EarliestEnd::SetId EarliestEnd::initial() {
  reached_.clear();
  close(nfa_.start);
  return keep();
}

EarliestEnd::SetId EarliestEnd::make(SetId from, unsigned symbol) {
  reached_.clear();
  for (const StateId id : *kept_[static_cast<std::size_t>(from)].states) {
    if (symbol == area_end()) close(id);
    follow(nfa_.states[id], symbol);
  }
  close(nfa_.start);
  const std::size_t drops_before = drops_;
  const SetId made = keep();
  const std::size_t width = nfa_.classes + kSpecialSymbols;
  // keep() may have dropped everything, `from` included.
  if (drops_ == drops_before) table_[static_cast<std::size_t>(from) * width + symbol] = made;
  return made;
}

void EarliestEnd::follow(const State& state, unsigned symbol) {
  bool taken = false;
  if (symbol == area_end()) {
    taken = state.kind == StateKind::AreaEnd;
  } else if (symbol == area_begin()) {
    taken = nfa_.takes_area_begin(state);
  } else {
    taken = nfa_.takes_byte(state, nfa_.representative[symbol]);
  }
  if (taken) close(state.next);
}

void EarliestEnd::close(StateId id) {
  pending_.push_back(id);
  while (!pending_.empty()) {
    const StateId reached = pending_.back();
    pending_.pop_back();
    if (!reached_.insert(reached)) continue;
    const State& state = nfa_.states[reached];
    if (state.kind == StateKind::Split) pending_.push_back(state.other);
    if (state.kind == StateKind::Split || state.kind == StateKind::Marker) pending_.push_back(state.next);
  }
}

// The id of what is in reached_, Split and Marker left out.
EarliestEnd::SetId EarliestEnd::keep() {
  std::vector<StateId> key;
  bool accepts = false;
  for (std::size_t at = 0; at < reached_.size(); ++at) {
    const StateKind kind = nfa_.states[reached_[at]].kind;
    if (kind == StateKind::Split || kind == StateKind::Marker) continue;
    accepts = accepts || kind == StateKind::Accept;
    key.push_back(reached_[at]);
  }
  std::sort(key.begin(), key.end());
  if (const auto found = ids_.find(key); found != ids_.end()) return found->second;
  const std::size_t width = nfa_.classes + kSpecialSymbols;
  if (kept_.size() >= max_kept_sets_ || kept_ids_ + key.size() + width > kMaxKeptIds) drop_all();
  kept_ids_ += key.size() + width;
  const auto id = static_cast<SetId>(kept_.size());
  const auto inserted = ids_.emplace(std::move(key), id).first;
  kept_.push_back({&inserted->first, accepts});
  table_.resize(kept_.size() * width, kUnknown);
  return id;
}

void EarliestEnd::drop_all() {
  ids_.clear();
  kept_.clear();
  table_.clear();
  kept_ids_ = 0;
  ++drops_;
}

}  // namespace rules
