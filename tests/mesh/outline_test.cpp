#include "mesh/outline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "build_config.h"
#include "core/check.h"
#include "mesh/quality.h"

namespace cotan {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kChannel = R"yaml(
outer: {rectangle: {low: [0, 0], high: [2.2, 0.41]}}
holes:
  - {circle: {centre: [0.2, 0.2], radius: 0.05, segments: 32, name: cylinder}}
  - {polygon: {points: [[1, 0.1], [1.2, 0.1], [1.1, 0.3]], names: [base, right_flank, left_flank]}}
size: 0.08
boundary_size: 0.012
)yaml";

Outline parse(const std::string& text) {
  return parse_outline(Config::parse_text(text, "outline.yaml"));
}

template <class Action>
std::string message(Action action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "nothing was thrown";
}
std::string refusal(const std::string& text) {
  return message([&] { parse(text); });
}

double edge(const Mesh& mesh, Index p, Index q) {
  return std::hypot(mesh.point(p)[0] - mesh.point(q)[0], mesh.point(p)[1] - mesh.point(q)[1]);
}

[[maybe_unused]] std::vector<double> lengths(const Mesh& mesh, const std::string& side) {
  std::vector<double> found;
  for (const Facet facet : mesh.facets_of(side)) {
    const auto corners = facet_corners(mesh, facet);
    found.push_back(edge(mesh, corners[0], corners[1]));
  }
  return found;
}
[[maybe_unused]] double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

[[maybe_unused]] Loop square(double low, double high, const std::string& name) {
  return {{low, low, high, low, high, high, low, high}, std::vector<std::string>(4, name)};
}

TEST(ParseOutline, ReadsEveryKey) {
  const Outline outline = parse(std::string(kChannel) + "grading: 0.2\nmin_angle: 20\n");
  EXPECT_EQ(outline.outer.names, (std::vector<std::string>{"bottom", "right", "top", "left"}));
  ASSERT_EQ(outline.holes.size(), 2u);
  EXPECT_EQ(outline.holes[0].names, std::vector<std::string>(32, "cylinder"));
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_NEAR(std::hypot(outline.holes[0].points[2 * i] - 0.2, outline.holes[0].points[2 * i + 1] - 0.2), 0.05,
                1e-15);
  }
  EXPECT_EQ(outline.holes[1].names, (std::vector<std::string>{"base", "right_flank", "left_flank"}));
  EXPECT_EQ(outline.size, 0.08);
  EXPECT_EQ(outline.boundary_size, 0.012);
  EXPECT_EQ(outline.grading, 0.2);
  EXPECT_EQ(outline.min_angle, 20);
}

TEST(ParseOutline, DefaultsOfNamesAndSegments) {
  const Outline outline = parse(
      "outer: {polygon: {points: [[0, 0], [1, 0], [0, 1]]}}\n"
      "holes: [{circle: {centre: [0.2, 0.2], radius: 0.1}}]\nsize: 0.01\n");
  EXPECT_EQ(outline.outer.names, std::vector<std::string>(3, "outer"));
  EXPECT_EQ(outline.holes[0].names, std::vector<std::string>(63, "hole_1"));  // 2 pi 0.1 / 0.01 = 62.8
  EXPECT_EQ(outline.boundary_size, 0.01);
}

TEST(ParseOutline, RefusesWithLineAndKey) {
  const std::string outer = "outer: {rectangle: {low: [0, 0], high: [1, 1]}}\n";
  EXPECT_THAT(refusal(outer), HasSubstr("size"));
  EXPECT_THAT(refusal(outer + "sise: 1\n"), AllOf(HasSubstr("outline.yaml:2"), HasSubstr("did you mean 'size'")));
  EXPECT_THAT(refusal("size: 1\n"), HasSubstr("outer"));
  EXPECT_THAT(refusal(outer + "size: 0\n"), AllOf(HasSubstr("outline.yaml:2"), HasSubstr("above 0")));
  EXPECT_THAT(refusal(outer + "size: .nan\n"), HasSubstr("size"));
  EXPECT_THAT(refusal(outer + "size: 0.1\nboundary_size: 0.2\n"), HasSubstr("at most 0.1"));
  EXPECT_THAT(refusal(outer + "size: 0.1\nmin_angle: 40\n"), AllOf(HasSubstr("min_angle"), HasSubstr("28.6")));
  EXPECT_THAT(refusal(outer + "size: 0.1\nholes: {circle: {}}\n"), HasSubstr("expected a list"));
  EXPECT_THAT(refusal("size: 1\nouter: {square: {}}\n"), AllOf(HasSubstr("outline.yaml:2"), HasSubstr("rectangle")));
  EXPECT_THAT(refusal("size: 1\nouter: {rectangle: {low: [0, 0], high: [0, 1]}}\n"), HasSubstr("low below high"));
  EXPECT_THAT(refusal("size: 1\nouter: {rectangle: {low: [0], high: [0, 1]}}\n"), HasSubstr("outer.rectangle.low"));
  EXPECT_THAT(refusal("size: 1\nouter: {polygon: {points: [[0, 0], [1, 0]]}}\n"), HasSubstr("at least three"));
  EXPECT_THAT(refusal("size: 1\nouter: {polygon: {points: [[0, 0], [1, 0], [0, 1]], names: [a]}}\n"),
              HasSubstr("a list of 3 names"));
  EXPECT_THAT(refusal("size: 1\nouter: {circle: {centre: [0, 0], radius: -1}}\n"), HasSubstr("above 0"));
  EXPECT_THAT(refusal("size: 1\nouter: {circle: {centre: [0, 0], radius: 1, segments: 2}}\n"), HasSubstr("at least 3"));
}

TEST(EdgeLength, GrowsFromTheHolesUpToTheSize) {
  Outline outline;
  outline.size = 1;
  outline.boundary_size = 0.1;
  outline.grading = 0.5;
  EXPECT_EQ(edge_length_at(outline, 0), 0.1);
  EXPECT_DOUBLE_EQ(edge_length_at(outline, 1), 0.6);
  EXPECT_EQ(edge_length_at(outline, 10), 1);
  EXPECT_EQ(edge_length_at(outline, INFINITY), 1);
}

#if COTAN_HAS_GPL

TEST(MeshOutline, AreaAndSidesAreExact) {
  const Mesh mesh = mesh_outline(parse(kChannel));
  const double polygon_of_32 = 16 * 0.05 * 0.05 * std::sin(2 * std::numbers::pi / 32), triangle = 0.5 * 0.2 * 0.2;
  EXPECT_NEAR(total(cell_volumes(mesh)), 2.2 * 0.41 - polygon_of_32 - triangle, 1e-13);
  EXPECT_NEAR(total(lengths(mesh, "bottom")), 2.2, 1e-13);
  EXPECT_NEAR(total(lengths(mesh, "top")), 2.2, 1e-13);
  EXPECT_NEAR(total(lengths(mesh, "left")), 0.41, 1e-14);
  EXPECT_NEAR(total(lengths(mesh, "right")), 0.41, 1e-14);
  EXPECT_NEAR(total(lengths(mesh, "cylinder")), 64 * 0.05 * std::sin(std::numbers::pi / 32), 1e-14);
  EXPECT_NEAR(total(lengths(mesh, "base")), 0.2, 1e-14);
  EXPECT_NEAR(total(lengths(mesh, "right_flank")), std::hypot(0.1, 0.2), 1e-14);
  EXPECT_NEAR(total(lengths(mesh, "left_flank")), std::hypot(0.1, 0.2), 1e-14);
}

TEST(MeshOutline, EverySideOfTheDomainIsNamedOnce) {
  const Mesh mesh = mesh_outline(parse(kChannel));
  std::vector<Facet> named;
  for (const auto& [name, facets] : mesh.data().facet_sets) named.insert(named.end(), facets.begin(), facets.end());
  std::sort(named.begin(), named.end());
  EXPECT_EQ(named, boundary_facets(mesh));  // conforming too: a hanging node would make more of them
  for (const Facet facet : mesh.facets_of("left")) {
    for (const Index p : facet_corners(mesh, facet)) EXPECT_EQ(mesh.point(p)[0], 0);
  }
}

TEST(MeshOutline, EulersFormulaCountsTheHoles) {
  const Mesh mesh = mesh_outline(parse(kChannel));
  const auto links = static_cast<std::int64_t>(point_neighbours(mesh).links.size());
  EXPECT_EQ(mesh.num_points() - links / 2 + mesh.num_cells(), 1 - 2);
}

TEST(MeshOutline, AnglesAndSizesAreReached) {
  const Outline outline = parse(kChannel);
  const Mesh mesh = mesh_outline(outline);
  const Quality quality = mesh_quality(mesh);
  EXPECT_GE(quality.min_angle.min, 25 - 1e-9);  // the triangle hole turns by less than 180 - 25 degrees at each corner
  EXPECT_LE(quality.edge_length.max, outline.size * (1 + 1e-9));
  for (const char* side : {"cylinder", "base", "left_flank", "right_flank"}) {
    for (const double length : lengths(mesh, side)) {
      EXPECT_LE(length, 0.012 * (1 + 1e-9)) << side;
      EXPECT_GE(length, 0.012 * 0.25) << side;
    }
  }
}

TEST(MeshOutline, EdgesGrowNoFasterThanTheGrading) {
  Outline outline;
  outline.outer = square(-1, 1, "outer");
  outline.holes = {square(-0.1, 0.1, "hole")};
  outline.size = 0.5;
  outline.boundary_size = 0.02;
  const Mesh mesh = mesh_outline(outline);
  double far = 0;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto p = mesh.corners(c);
    const double x = (mesh.point(p[0])[0] + mesh.point(p[1])[0] + mesh.point(p[2])[0]) / 3;
    const double y = (mesh.point(p[0])[1] + mesh.point(p[1])[1] + mesh.point(p[2])[1]) / 3;
    const double distance = std::hypot(std::max(std::abs(x) - 0.1, 0.0), std::max(std::abs(y) - 0.1, 0.0));
    const double longest = std::max({edge(mesh, p[0], p[1]), edge(mesh, p[1], p[2]), edge(mesh, p[2], p[0])});
    EXPECT_LE(longest, (0.02 + 0.3 * distance) * (1 + 1e-9));
    far = std::max(far, longest);
  }
  EXPECT_GT(far, 5 * 0.02);  // it does grow
}

TEST(MeshOutline, DirectionOfALoopDoesNotMatter) {
  Outline outline = parse(kChannel);
  const Mesh mesh = mesh_outline(outline);
  for (Loop* loop : {&outline.outer, &outline.holes[1]}) {
    Loop turned;
    const std::size_t n = loop->names.size();
    for (std::size_t i = 0; i < n; ++i) {
      turned.points.push_back(loop->points[2 * (n - 1 - i)]);
      turned.points.push_back(loop->points[2 * (n - 1 - i) + 1]);
      turned.names.push_back(loop->names[(2 * n - 2 - i) % n]);
    }
    *loop = turned;
  }
  const Mesh other = mesh_outline(outline);
  EXPECT_NEAR(total(cell_volumes(other)), total(cell_volumes(mesh)), 1e-13);
  for (const auto& name : mesh.set_names()) {
    EXPECT_NEAR(total(lengths(other, name)), total(lengths(mesh, name)), 1e-13) << name;
  }
}

TEST(MeshOutline, TheSameOutlineGivesTheSameMesh) {
  const Mesh a = mesh_outline(parse(kChannel)), b = mesh_outline(parse(kChannel));
  EXPECT_EQ(a.data().points, b.data().points);
  EXPECT_EQ(a.data().cells.links, b.data().cells.links);
  EXPECT_EQ(a.data().facet_sets, b.data().facet_sets);
}

TEST(MeshOutline, SharpCornersOfTheOutlineStay) {
  Outline outline;
  outline.outer = {{0, 0, 1, 0, 1, 0.1}, {"bottom", "right", "slope"}};  // 5.7 degrees at the origin
  outline.size = 0.1;
  const Mesh mesh = mesh_outline(outline);
  EXPECT_NEAR(total(cell_volumes(mesh)), 0.05, 1e-15);
  EXPECT_NEAR(mesh_quality(mesh).min_angle.min, std::atan(0.1) * 180 / std::numbers::pi, 1e-9);
}

TEST(MeshOutline, NamesTheLoopThatIsAtFault) {
  Outline outline;
  outline.outer = square(0, 1, "outer");
  const auto with_hole = [&](const Loop& hole) {
    Outline o = outline;
    o.holes = {square(0.1, 0.2, "first"), hole};
    return message([&] { mesh_outline(o); });
  };
  EXPECT_THAT(with_hole(square(0.15, 0.3, "b")), AllOf(HasSubstr("hole 2 (b)"), HasSubstr("hole 1 (first)")));
  EXPECT_THAT(with_hole(square(0.2, 0.3, "b")), AllOf(HasSubstr("hole 2 (b)"), HasSubstr("touches")));
  EXPECT_THAT(with_hole(square(0.9, 1.1, "b")), AllOf(HasSubstr("hole 2 (b)"), HasSubstr("the outer loop")));
  EXPECT_THAT(with_hole(square(0.9, 1.0, "b")), HasSubstr("touches the outer loop"));
  EXPECT_THAT(with_hole(square(2, 3, "b")), HasSubstr("hole 2 (b) lies outside the outer loop"));
  EXPECT_THAT(with_hole(square(-1, 2, "b")), HasSubstr("hole 2 (b) lies outside the outer loop"));
  EXPECT_THAT(with_hole(square(0.12, 0.18, "b")), HasSubstr("hole 2 (b) lies inside hole 1 (first)"));
  EXPECT_THAT(with_hole(square(0.05, 0.3, "b")), HasSubstr("hole 1 (first) lies inside hole 2 (b)"));
  EXPECT_THAT(with_hole({{0.5, 0.5, 0.6, 0.6, 0.6, 0.5, 0.5, 0.6}, {"b", "b", "b", "b"}}), HasSubstr("crosses itself"));
  EXPECT_THAT(with_hole({{0.5, 0.5, 0.6, 0.6, 0.6, 0.6}, {"b", "b", "b"}}), HasSubstr("has no length"));
  EXPECT_THAT(with_hole({{0.5, 0.5, 0.6, 0.6, 0.7, 0.7}, {"b", "b", "b"}}), HasSubstr("turns back on itself"));
  EXPECT_THAT(with_hole({{0.5, 0.5, NAN, 0.6, 0.7, 0.7}, {"b", "b", "b"}}), HasSubstr("not finite"));
  EXPECT_THAT(with_hole({{0.5, 0.5, 0.6, 0.6}, {"b", "b"}}), HasSubstr("expected at least three"));
  // Loops of very many sides: checked against all others, and refused for their cells, in no time to speak of.
  Outline many;
  many.outer = square(-2, 2, "outer");
  many.holes.resize(1);
  for (int k = 0; k < 300000; ++k) {
    const double angle = 2 * std::numbers::pi * k / 300000;
    many.holes[0].points.insert(many.holes[0].points.end(), {std::cos(angle), std::sin(angle)});
    many.holes[0].names.push_back("round");
  }
  many.size = 1e-5;
  EXPECT_THAT(message([&] { mesh_outline(many); }), HasSubstr("would make more than"));
  many.size = 1;
  many.outer = {{-2, -2, 2, -2, 2, 2, 0.5, 0.5, -2, 2}, {"a", "b", "c", "d", "e"}};
  EXPECT_THAT(message([&] { mesh_outline(many); }), HasSubstr("hole 1 (round) crosses or touches the outer loop"));
  outline.size = 1e-9;
  EXPECT_THAT(message([&] { mesh_outline(outline); }), HasSubstr("would make more than"));
}

#else

TEST(MeshOutline, SaysWhatToRebuildWith) {
  EXPECT_THAT(message([] { mesh_outline(Outline{}); }), HasSubstr("COTAN_GPL"));
}

#endif

}  // namespace
}  // namespace cotan
