// Weighted conditions: arithmetic only.
// SPDX-License-Identifier: Apache-2.0
//
//   Score score;
//   score.add_matches({1, 1}, [&] { return next_hit(); });     // Hit::None ends it
//   score.holds();                                             // true without weights, else total > 0
//
// procmailsc(5); PROCMAIL.md 11.
#pragma once

#include <functional>

#include "rules/condition.h"

namespace rules {

class Score {
 public:
  enum class Hit { None, Text, Empty };   // Empty: a match that consumed nothing

  // w, then w·x, w·x² … a hit, until there is none, or a further one would not count.
  void add_matches(Weight weight, const std::function<Hit()>& next);
  void add(double points);                                  // also marks the recipe as weighted
  void add_exit(Weight weight, int status, bool negated);   // status >= 0
  void add_size(Weight weight, double size, double limit, bool larger);

  bool weighted() const { return weighted_; }
  bool at_top() const { return weighted_ && total_ >= kLimit; }       // further weights are skipped
  bool at_bottom() const { return weighted_ && total_ <= -kLimit; }   // the recipe fails at once
  bool holds() const { return !weighted_ || total_ > 0; }
  double total() const { return total_; }
  long shown() const;                                       // as $= shows it: whole, but 1 for what is between 0 and 1

 private:
  static constexpr double kLimit = 2147483647.0;
  void clamp();

  bool weighted_ = false;
  double total_ = 0;
};

}  // namespace rules
