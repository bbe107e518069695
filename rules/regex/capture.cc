// Walks all states at once, each with the earliest marker by which it can be reached.
// SPDX-License-Identifier: Apache-2.0
#include "rules/regex/capture.h"

namespace rules {
// This is tricky:
// 1. A state can be reached without a marker and with one, so there are two lists of states: plain_ and marked_. For a
//    marked state only its earliest marker matters: whatever a later one can still match, the earlier one can too.
// 2. Each state enters a list once a step, so a step costs no more than the number of states. That its first entry is
//    the one with the earliest marker follows from the order: marked_ is sorted by marker; the states that follow are
//    entered in that order, and states marked at this very place come last.
// 3. Once a match is found, nothing with a later marker can win, nor anything unmarked.
CaptureWalk::CaptureWalk(const Nfa& nfa)
    : nfa_(nfa),
      marker_(nfa.states.size()),
      plain_(nfa.states.size()),
      marked_(nfa.states.size()),
      next_plain_(nfa.states.size()),
      next_marked_(nfa.states.size()),
      next_marker_(nfa.states.size()) {}

std::optional<std::pair<std::size_t, std::size_t>> CaptureWalk::find(std::string_view framed, std::size_t start,
                                                                     std::size_t earliest_end, std::size_t& read_on) {
  framed_ = framed;
  found_.reset();
  next_plain_.clear();
  next_marked_.clear();
  swap_lists(start);
  std::size_t at = start;
  for (;; ++at) {
    if (at + 1 == framed_.size()) step(at, Symbol::AreaEnd);
    note_matches(at);
    if (at == earliest_end && !found_) return std::nullopt;
    if (at == framed_.size() || (found_ && marked_.size() == 0)) break;
    if (at >= earliest_end && at - earliest_end == read_on) break;
    step(at + 1, at == 0 ? Symbol::AreaBegin : Symbol::Byte);
  }
  read_on -= at - earliest_end;
  return found_;
}

bool CaptureWalk::takes(const State& state, Symbol symbol, std::size_t behind) const {
  switch (symbol) {
    case Symbol::AreaBegin:
      return nfa_.takes_area_begin(state);
    case Symbol::AreaEnd:
      return state.kind == StateKind::AreaEnd;
    case Symbol::Byte:
      return nfa_.takes_byte(state, static_cast<std::uint8_t>(framed_[behind - 1]));
  }
  return false;
}

// Takes a symbol; `behind` is the offset then reached.
void CaptureWalk::step(std::size_t behind, Symbol symbol) {
  for (std::size_t i = 0; i < marked_.size(); ++i) {
    const StateId id = marked_[i];
    if (found_ && marker_[id] > found_->first) break;  // sorted: all further ones too
    if (symbol == Symbol::AreaEnd) enter_marked(id, marker_[id]);
    if (takes(nfa_.states[id], symbol, behind)) enter_marked(nfa_.states[id].next, marker_[id]);
  }
  for (std::size_t i = 0; i < plain_.size() && !found_; ++i) {
    const StateId id = plain_[i];
    if (symbol == Symbol::AreaEnd) enter_plain(id);
    if (takes(nfa_.states[id], symbol, behind)) enter_plain(nfa_.states[id].next);
  }
  swap_lists(behind);
}

// Completes the next lists with what begins or is marked at `at`, and makes them the current ones.
void CaptureWalk::swap_lists(std::size_t at) {
  if (!found_) enter_plain(nfa_.start);
  for (const StateId id : fresh_) enter_marked(id, at);
  fresh_.clear();
  std::swap(plain_, next_plain_);
  std::swap(marked_, next_marked_);
  std::swap(marker_, next_marker_);
  next_plain_.clear();
  next_marked_.clear();
}

void CaptureWalk::enter_plain(StateId id) {
  pending_.push_back(id);
  while (!pending_.empty()) {
    const StateId reached = pending_.back();
    pending_.pop_back();
    if (!next_plain_.insert(reached)) continue;
    const State& state = nfa_.states[reached];
    if (state.kind == StateKind::Marker) fresh_.push_back(state.next);
    if (state.kind != StateKind::Split) continue;
    pending_.push_back(state.other);
    pending_.push_back(state.next);
  }
}

void CaptureWalk::enter_marked(StateId id, std::size_t marker) {
  pending_.push_back(id);
  while (!pending_.empty()) {
    const StateId reached = pending_.back();
    pending_.pop_back();
    if (!next_marked_.insert(reached)) continue;
    next_marker_[reached] = marker;
    const State& state = nfa_.states[reached];
    if (state.kind == StateKind::Split) pending_.push_back(state.other);
    if (state.kind == StateKind::Split || state.kind == StateKind::Marker) pending_.push_back(state.next);
  }
}

// The accepting state is the first that the builder makes: 0.
void CaptureWalk::note_matches(std::size_t at) {
  if (!marked_.contains(0)) return;
  if (!found_ || marker_[0] <= found_->first) found_ = {marker_[0], at};
}

}  // namespace rules
