// The sums of weighted conditions (PROCMAIL.md 11).
// SPDX-License-Identifier: Apache-2.0
#include "rules/score.h"

#include <catch2/catch.hpp>

using rules::Score;

namespace {

// The total after so many hits of text, then, perhaps, an empty one.
double after(double first, double factor, int hits, bool empty = false) {
  Score score;
  score.add_matches({first, factor}, [&] { return hits-- > 0 ? Score::Hit::Text : empty ? Score::Hit::Empty : Score::Hit::None; });
  return score.total();
}

}  // namespace

TEST_CASE("matches") {
  struct Row {
    double first, factor;
    int hits;
    bool empty;
    double total;
  };
  const double top = 2147483647;
  for (const Row& row : std::vector<Row>{
           {1, 1, 3, false, 3}, {1, .9, 50, false, 1.9}, {2, .5, 50, false, 3.5}, {1, 0, 9, false, 1}, {0, 5, 9, false, 0},
           {1, 1, 0, true, top}, {5, .5, 0, true, 10}, {-1, 1, 0, true, -top}, {1, 0, 0, true, 1}, {1, -1, 0, true, 1},
           {2147483647, 1, 5, false, top}, {1, 2, 100, false, top}, {1, 1, 0, false, 0}}) {
    CAPTURE(row.first, row.factor, row.hits);
    CHECK(after(row.first, row.factor, row.hits, row.empty) == Approx(row.total));
  }
  CHECK(after(10, .9, 50) == Approx(91).epsilon(0.01));
}

TEST_CASE("exit codes and sizes") {
  const auto exit = [](double first, double factor, int status, bool negated) {
    Score score;
    score.add_exit({first, factor}, status, negated);
    return score.total();
  };
  CHECK(exit(3, 7, 0, false) == 3);
  CHECK(exit(3, 7, 1, false) == 7);
  CHECK(exit(3, 2, 4, true) == 45);
  const auto size = [](double first, double factor, double bytes, double limit, bool larger) {
    Score score;
    score.add_size({first, factor}, bytes, limit, larger);
    return score.total();
  };
  CHECK(size(1, 1, 100, 50, true) == 2);
  CHECK(size(1, 2, 100, 50, true) == 4);
  CHECK(size(1, 1, 100, 50, false) == .5);
  CHECK(size(1, 1, 5, 0, true) == 2147483647);
  CHECK(size(1, 1, 0, 5, false) == 2147483647);
  CHECK(size(1, 1, 0, 0, false) == -2147483647);
}

TEST_CASE("what a recipe makes of it") {
  Score score;
  CHECK(score.holds());
  CHECK(score.shown() == 0);
  score.add(0);
  CHECK_FALSE(score.holds());
  score.add(.5);
  CHECK(score.holds());
  CHECK(score.shown() == 1);
  score.add(1e12);
  CHECK(score.at_top());
  CHECK(score.shown() == 2147483647);
  score.add(-1e13);
  CHECK(score.at_bottom());
}
