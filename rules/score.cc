// The sums of procmailsc(5).
// SPDX-License-Identifier: Apache-2.0
#include "rules/score.h"

#include <algorithm>
#include <cmath>

namespace rules {

void Score::clamp() {
  if (std::isnan(total_)) total_ = 0;
  total_ = std::clamp(total_, -kLimit, kLimit);
}

void Score::add(double points) {
  weighted_ = true;
  total_ += points;
  clamp();
}

void Score::add_matches(Weight weight, const std::function<Hit()>& next) {
  weighted_ = true;
  double w = weight.first;
  const double x = weight.factor;
  if (w == 0) return;
  for (Hit hit = next(); hit != Hit::None; hit = next()) {
    add(w);
    if (hit == Hit::Empty) {
      // The same place would match for ever: the rest of the series at once.
      if (x > 0 && x < 1) {
        add(w * x / (1 - x));
      } else if (x >= 1 && w != 0) {
        add(w > 0 ? 2 * kLimit : -2 * kLimit);
      }
      return;
    }
    const double old = w;
    w *= x;
    if (w == 0 || at_top() || at_bottom() || (w * w < old * old && old * old < 1)) return;
  }
}

void Score::add_exit(Weight weight, int status, bool negated) {
  if (!negated) return add(status == 0 ? weight.first : weight.factor);
  int left = status;
  add_matches(weight, [&left] { return left-- > 0 ? Hit::Text : Hit::None; });
}

void Score::add_size(Weight weight, double size, double limit, bool larger) {
  const double over = larger ? size : limit;
  const double under = larger ? limit : size;
  if (under == 0) return add(over > 0 || larger ? 2 * kLimit : -2 * kLimit);
  add(weight.first * std::pow(over / under, weight.factor));
}

long Score::shown() const {
  if (total_ > 0 && total_ < 1) return 1;
  return static_cast<long>(total_);
}

}  // namespace rules
