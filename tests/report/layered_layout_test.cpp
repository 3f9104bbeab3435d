#include "nasmyth/report/layered_layout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nasmyth/core/error.h"
#include "nasmyth/core/random.h"

namespace nasmyth {
namespace {

LayoutProblem boxes(int n, std::vector<std::pair<int, int>> edges) {
  LayoutProblem problem;
  problem.boxes.assign(static_cast<std::size_t>(n), {100, 40});
  problem.edges = std::move(edges);
  return problem;
}

TEST(LayeredLayout, AChainIsAStraightLine) {
  const Layout layout = layered_layout(boxes(4, {{0, 1}, {1, 2}, {2, 3}}));
  for (int i = 0; i < 4; ++i) {
    EXPECT_NEAR(layout.centers[static_cast<std::size_t>(i)].x, 50, 1e-9);
    EXPECT_EQ(layout.layers[static_cast<std::size_t>(i)], i);
  }
  EXPECT_NEAR(layout.height, 4 * 40 + 3 * 26, 1e-9);
  EXPECT_NEAR(layout.width, 100, 1e-9);
}

TEST(LayeredLayout, BranchesStandBesideEachOther) {
  const Layout layout = layered_layout(boxes(4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}}));
  EXPECT_EQ(layout.layers[1], layout.layers[2]);
  EXPECT_GE(std::abs(layout.centers[1].x - layout.centers[2].x), 100 + 24 - 1e-9);
  EXPECT_NEAR(layout.centers[0].x, (layout.centers[1].x + layout.centers[2].x) / 2, 1);
}

TEST(LayeredLayout, AnEdgeGoesRoundWhatLiesBetween) {
  const Layout layout = layered_layout(boxes(3, {{0, 1}, {1, 2}, {0, 2}}));
  ASSERT_EQ(layout.routes[2].size(), 3u);
  EXPECT_GT(std::abs(layout.routes[2][1].x - layout.centers[1].x), 50);
}

TEST(LayeredLayout, WhatReadsNothingStandsAboveItsReader) {
  const Layout layout = layered_layout(boxes(4, {{0, 1}, {1, 3}, {2, 3}}));
  EXPECT_EQ(layout.layers[2], 1);
}

TEST(LayeredLayout, NothingAndOneBox) {
  EXPECT_EQ(layered_layout({}).width, 0);
  EXPECT_EQ(layered_layout(boxes(1, {})).height, 40);
}

TEST(LayeredLayout, EdgesLeadForward) {
  EXPECT_THROW(layered_layout(boxes(2, {{1, 0}})), Error);
  EXPECT_THROW(layered_layout(boxes(2, {{0, 0}})), Error);
  EXPECT_THROW(layered_layout(boxes(2, {{0, 2}})), Error);
}

// On random graphs: no box touches another, all edges lead down, all lies inside.
TEST(LayeredLayout, BoxesDoNotTouch) {
  RandomStream random(7);
  for (int round = 0; round < 50; ++round) {
    LayoutProblem problem;
    const int n = 2 + static_cast<int>(random.below(18));
    for (int i = 0; i < n; ++i) {
      problem.boxes.emplace_back(20 + static_cast<double>(random.below(120)),
                                 10 + static_cast<double>(random.below(40)));
      for (int k = 0; k < i; ++k)
        if (random.below(4) == 0) problem.edges.emplace_back(k, i);
    }
    const Layout layout = layered_layout(problem);
    for (std::size_t a = 0; a < problem.boxes.size(); ++a) {
      EXPECT_GE(layout.centers[a].x - problem.boxes[a].first / 2, -1e-6);
      EXPECT_LE(layout.centers[a].x + problem.boxes[a].first / 2, layout.width + 1e-6);
      EXPECT_LE(layout.centers[a].y + problem.boxes[a].second / 2, layout.height + 1e-6);
      for (std::size_t b = 0; b < a; ++b) {
        const double dx = std::abs(layout.centers[a].x - layout.centers[b].x);
        const double dy = std::abs(layout.centers[a].y - layout.centers[b].y);
        EXPECT_TRUE(dx >= (problem.boxes[a].first + problem.boxes[b].first) / 2 ||
                    dy >= (problem.boxes[a].second + problem.boxes[b].second) / 2);
      }
    }
    for (std::size_t e = 0; e < problem.edges.size(); ++e)
      EXPECT_LT(layout.routes[e].front().y, layout.routes[e].back().y);
  }
}

}  // namespace
}  // namespace nasmyth
