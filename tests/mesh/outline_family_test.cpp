// Shapes of outlines that are drawn by seed, and sizes by the name of a side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "build_config.h"
#include "core/check.h"
#include "mesh/outline.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

using testing::HasSubstr;

Outline parse(const std::string& text, const OutlineDraw& draw = {}) {
  return parse_outline(Config::parse_text(text, "outline.yaml"), draw);
}

std::string refusal(const std::string& text, const OutlineDraw& draw = {}) {
  try {
    parse(text, draw);
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing was thrown";
}

double area(const Loop& loop) {
  double twice = 0;
  const std::size_t n = loop.points.size() / 2;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t j = (i + 1) % n;
    twice += loop.points[2 * i] * loop.points[2 * j + 1] - loop.points[2 * j] * loop.points[2 * i + 1];
  }
  return twice / 2;
}

constexpr const char* kChannel = R"yaml(
outer: {rectangle: {low: [0, 0], high: [2, 1]}}
holes:
  - {circle: {centre: [0.3, 0.5], radius: 0.1, name: cylinder}}
  - {random: {count: [2, 5], radius: [0.05, 0.1], gap: 0.03, within: {low: [0.5, 0], high: [2, 1]}}}
  - {random: {count: 2, radius: 0.08, corners: [3, 6], gap: 0.03, name: stones}}
size: 0.1
)yaml";

TEST(OutlineFamily, ObstaclesKeepTheirDistanceInEveryDraw) {
  std::vector<std::size_t> counts;
  for (std::uint64_t draw = 0; draw < 60; ++draw) {
    const Outline outline = parse(kChannel, {7, draw, {}});
    counts.push_back(outline.holes.size());
    for (std::size_t i = 0; i < outline.holes.size(); ++i) {
      const auto& a = outline.holes[i].points;
      for (std::size_t p = 0; p < a.size(); p += 2) {
        EXPECT_TRUE(a[p] > 0.03 && a[p] < 1.97 && a[p + 1] > 0.03 && a[p + 1] < 0.97) << draw;
        for (std::size_t j = 0; j < i; ++j) {
          const auto& b = outline.holes[j].points;
          for (std::size_t q = 0; q < b.size(); q += 2)
            ASSERT_GT(std::hypot(a[p] - b[q], a[p + 1] - b[q + 1]), 0.03 - 1e-12) << draw;
        }
      }
    }
  }
  EXPECT_EQ(*std::min_element(counts.begin(), counts.end()), 5u);  // the cylinder, two to five, two
  EXPECT_EQ(*std::max_element(counts.begin(), counts.end()), 8u);
}

TEST(OutlineFamily, DrawsAreRepeatedAndDiffer) {
  const auto points = [](std::uint64_t seed, std::uint64_t draw) {
    return parse(kChannel, {seed, draw, {}}).holes.back().points;
  };
  EXPECT_EQ(points(1, 4), points(1, 4));
  EXPECT_NE(points(1, 4), points(1, 5));
  EXPECT_NE(points(1, 4), points(2, 4));
}

TEST(OutlineFamily, AnotherEntryChangesNoDraw) {
  const std::string outer = "outer: {rectangle: {low: [0, 0], high: [{uniform: [1, 2]}, 1]}}\n";
  const auto right = [](const std::string& text) { return parse(text, {3, 9, {}}).outer.points[2]; };
  EXPECT_EQ(right(outer + "size: 0.1\n"), right("min_angle: 20\n" + outer + "size: {uniform: [0.1, 0.2]}\n"));
}

TEST(OutlineFamily, UniformNumbersFillTheirRange) {
  double sum = 0, least = 9, most = 0;
  const int draws = 4000;
  for (int k = 0; k < draws; ++k) {
    const double x =
        parse("outer: {rectangle: {low: [0, 0], high: [{uniform: [1, 3]}, 1]}}\nsize: 1\n", {5, std::uint64_t(k), {}})
            .outer.points[2];
    sum += x;
    least = std::min(least, x);
    most = std::max(most, x);
  }
  EXPECT_NEAR(sum / draws, 2, 4 * 2 / std::sqrt(12.0 * draws));  // four deviations of the mean
  EXPECT_TRUE(least >= 1 && least < 1.01 && most <= 3 && most > 2.99);
}

TEST(OutlineFamily, NumbersMayBeFormulasInTheParameters) {
  const std::string text = "outer: {rectangle: {low: [0, 0], high: [\"2*l\", 1]}}\nsize: h\n";
  const Outline outline = parse(text, {0, 0, {{"l", 1.5}, {"h", 0.25}}});
  EXPECT_EQ(outline.outer.points[2], 3);
  EXPECT_EQ(outline.size, 0.25);
  EXPECT_THAT(refusal(text, {0, 0, {{"l", 1.5}}}), HasSubstr("outline.yaml:2: size"));
  EXPECT_TRUE(outline_varies(Config::parse_text(text), {"h"}));
  EXPECT_FALSE(outline_varies(Config::parse_text(text), {"other"}));
  EXPECT_TRUE(outline_varies(Config::parse_text(kChannel), {}));
}

// Thickness and camber of the NACA four-digit sections, by their definition.
TEST(OutlineFamily, NacaSectionsHaveTheirThicknessAndCamber) {
  const Outline thick = parse(
      "outer: {circle: {centre: [0, 0], radius: 9}}\nholes: [{naca: {digits: \"0012\", points: 400}}]\nsize: 1\n");
  const auto& points = thick.holes[0].points;
  double top = 0;
  for (std::size_t i = 1; i < points.size(); i += 2) top = std::max(top, points[i]);
  EXPECT_NEAR(top, 0.06, 1e-4);
  EXPECT_EQ(thick.holes[0].names[0], "airfoil");
  // area of a closed 0012: the integral of the thickness distribution
  const double expected = 2 * 5 * 0.12 * (0.2969 / 1.5 - 0.1260 / 2 - 0.3516 / 3 + 0.2843 / 4 - 0.1036 / 5);
  EXPECT_NEAR(std::abs(area(thick.holes[0])), expected, 1e-5);

  const Outline cambered = parse(
      "outer: {circle: {centre: [0, 0], radius: 9}}\nholes: [{naca: {digits: \"2412\", points: 400, chord: 2, "
      "position: "
      "[1, 0.5]}}]\nsize: 1\n");
  double camber = 0;
  const auto& curved = cambered.holes[0].points;
  const std::size_t n = curved.size() / 2;
  for (std::size_t i = 1; i < n / 2; ++i)  // upper and lower points belong to the same place of the camber line
    camber = std::max(camber, (curved[2 * i + 1] + curved[2 * (n - i) + 1]) / 2 - 0.5);
  EXPECT_NEAR(camber, 0.02 * 2, 1e-4);
  EXPECT_THAT(refusal("outer: {naca: {digits: \"2012\"}}\nsize: 1\n"), HasSubstr("no wing section"));
}

TEST(OutlineFamily, SaysWhereThereIsNoRoom) {
  EXPECT_THAT(refusal("outer: {rectangle: {low: [0, 0], high: [1, 1]}}\nholes: [{random: {count: 9, radius: 0.3}}]\n"
                      "size: 0.05\n"),
              testing::AllOf(HasSubstr("outline.yaml:2: holes.0.random"), HasSubstr("no room for obstacle")));
  EXPECT_THAT(refusal("outer: {rectangle: {low: [0, 0], high: [1, 1]}}\nsize: 0.1\nsizes: {tpo: 0.01}\n"),
              HasSubstr("did you mean 'top'"));
}

#if COTAN_HAS_GPL

double longest(const Mesh& mesh, const std::string& side) {
  double found = 0;
  for (const Facet facet : mesh.facets_of(side)) {
    const auto ends = facet_corners(mesh, facet);
    found = std::max(found, std::hypot(mesh.point(ends[0])[0] - mesh.point(ends[1])[0],
                                       mesh.point(ends[0])[1] - mesh.point(ends[1])[1]));
  }
  return found;
}

TEST(OutlineFamily, SidesHaveTheSizeOfTheirName) {
  const Mesh mesh =
      mesh_outline(parse("outer: {rectangle: {low: [0, 0], high: [2, 1]}}\nsize: 0.2\n"
                         "sizes: {right: 0.02}\ngrading: 0.2\n"));
  EXPECT_LE(longest(mesh, "right"), 0.02 + 1e-12);
  EXPECT_GT(longest(mesh, "left"), 0.1);
  const Mesh even = mesh_outline(parse("outer: {rectangle: {low: [0, 0], high: [2, 1]}}\nsize: 0.2\n"));
  EXPECT_GT(mesh.num_cells(), 3 * even.num_cells());
}

TEST(OutlineFamily, TheBackgroundBoundsEdges) {
  const Mesh mesh =
      mesh_outline(parse("outer: {rectangle: {low: [0, 0], high: [1, 1]}}\nsize: 0.5\nbackground: \"0.02 + 0.2*x\"\n"));
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    double centre = 0, length = 0;
    for (int k = 0; k < 3; ++k) {
      const auto a = mesh.point(mesh.cell(c)[k]), b = mesh.point(mesh.cell(c)[(k + 1) % 3]);
      centre += a[0] / 3;
      length = std::max(length, std::hypot(a[0] - b[0], a[1] - b[1]));
    }
    EXPECT_LE(length, 0.02 + 0.2 * centre + 1e-12);
  }
}

TEST(OutlineFamily, EveryDrawIsMeshed) {
  for (std::uint64_t draw = 0; draw < 8; ++draw) {
    const Outline outline = parse(kChannel, {1, draw, {}});
    double expected = 2;
    for (const auto& hole : outline.holes) expected -= std::abs(area(hole));
    const auto volumes = cell_volumes(mesh_outline(outline));
    double total = 0;
    for (const double v : volumes) total += v;
    EXPECT_NEAR(total, expected, 1e-12);
  }
}

#endif

}  // namespace
}  // namespace cotan
