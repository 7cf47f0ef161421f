// The committed cases of advection_diffusion: they set up and run, and their velocities keep to the walls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/check.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/quality.h"
#include "source_dir.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

const std::filesystem::path kExamples = std::filesystem::path(COTAN_SOURCE_DIR) / "examples";

// A draw of a committed case, with its mesh.
ProblemInput load(const std::string& name, std::uint64_t draw = 0) {
  const auto path = kExamples / name;
  ProblemInput input;
  input.spec = parse_case(Config::parse_file(path));
  input.draw = draw;
  input.parameters = draw_parameters(input.spec, 0, draw);
  const Config mesh = input.spec.mesh;
  if (mesh.kind() == Config::Kind::scalar) {
    input.mesh = std::make_shared<const Mesh>(read_mesh(path.parent_path() / mesh.text()));
    return input;
  }
  GmshOptions options;
  for (const auto& [key, formula] : mesh["parameters"].entries()) {
    options.parameters.emplace_back(key, input.parameters.at(formula.text()));
  }
  input.mesh = std::make_shared<const Mesh>(
      mend_and_build(mesh_with_gmsh(path.parent_path() / mesh["gmsh"].text(), options), nullptr, nullptr));
  return input;
}

struct Extremes {
  double low, high, mass;
};

Extremes run(const ProblemInput& input, const ProblemSetup& setup) {
  const double dt = input.spec.step;
  const auto u = test::advance(setup, dt, static_cast<int>(std::lround(input.spec.end / dt)));
  const auto [low, high] = std::minmax_element(u.begin(), u.end());
  return {*low, *high, test::integral(*input.mesh, u)};
}

// Largest |velocity . n| of a side, n the facet's unit normal, velocity the mean of its ends.
double through(const Mesh& mesh, const ProblemSetup& setup, const std::string& side) {
  const auto& velocity = setup.static_fields.at(0).values;
  double most = 0;
  for (const Facet facet : mesh.facets_of(side)) {
    const auto area = facet_area(mesh, facet);
    const auto corners = facet_corners(mesh, facet);
    double flux = 0, size = 0;
    for (int k = 0; k < mesh.dim(); ++k) {
      double mean = 0;
      for (const Index p : corners) mean += velocity[std::size_t(p) * mesh.dim() + k] / double(corners.size());
      flux += mean * area[k];
      size += area[k] * area[k];
    }
    most = std::max(most, std::abs(flux) / std::sqrt(size));
  }
  return most;
}

// Largest |velocity . radius| / radius at the obstacle's points: the circle is a streamline.
double through_circle(const ProblemInput& input, const ProblemSetup& setup) {
  const auto& parameters = input.parameters;
  double most = 0;
  for (const Index p : input.mesh->points_of("obstacle")) {
    const auto x = input.mesh->point(p);
    const double* v = &setup.static_fields.at(0).values[2 * std::size_t(p)];
    const double radial = (x[0] - parameters.at("cx")) * v[0] + (x[1] - parameters.at("cy")) * v[1];
    most = std::max(most, std::abs(radial) / parameters.at("radius"));
  }
  return most;
}

TEST(Examples, ThePulseGoesAroundTheObstacle) {
  if (!have_gmsh()) GTEST_SKIP() << "built without Gmsh";
  for (const std::uint64_t draw : {0, 1, 2}) {
    const ProblemInput input = load("channel/case.yaml", draw);
    const Mesh& mesh = *input.mesh;
    EXPECT_GT(mesh.num_points(), 700);
    EXPECT_LT(mesh.num_points(), 1200);
    EXPECT_GT(mesh_quality(mesh).min_angle.min, 20);
    const ProblemSetup setup = make_advection_diffusion(input);
    EXPECT_LT(through(mesh, setup, "walls"), 1e-12);
    EXPECT_LT(through_circle(input, setup), 1e-12);
    const double mass = test::integral(mesh, test::advance(setup, 0.01, 0));
    const Extremes end = run(input, setup);
    EXPECT_GT(end.low, -0.05) << draw;
    EXPECT_LT(end.high, 1.5) << draw;
    EXPECT_GT(end.mass, 0.2 * mass) << draw;  // most is still inside, or has left by the outlet alone
    EXPECT_LT(end.mass, 1.02 * mass) << draw;
  }
}

TEST(Examples, OtherObstaclesMesh) {
  if (!have_gmsh()) GTEST_SKIP() << "built without Gmsh";
  for (const double kind : {3, 4, 7}) {
    GmshOptions options;
    options.parameters = {{"kind", kind}, {"radius", 0.08}, {"turn", 15}};
    const Mesh mesh = mend_and_build(mesh_with_gmsh(kExamples / "channel/channel.geo", options), nullptr, nullptr);
    const double pi = std::acos(-1.0), polygon = 0.5 * kind * 0.08 * 0.08 * std::sin(2 * pi / kind);
    EXPECT_NEAR(mesh_quality(mesh).total_volume, 2.2 * 0.41 - polygon, 1e-12);
    EXPECT_THAT(mesh.set_names(), ::testing::IsSupersetOf({"inlet", "outlet", "walls", "obstacle", "domain"}));
  }
}

class SharedMeshes : public ::testing::TestWithParam<std::string> {};

TEST_P(SharedMeshes, RunTheirCase) {
  const std::string name = "meshes/" + GetParam() + ".yaml";
  const auto file = Config::parse_file(kExamples / name)["mesh"].text();
  if (!std::filesystem::exists((kExamples / "meshes") / file)) GTEST_SKIP() << file << " is not here";
  const ProblemInput input = load(name);
  const ProblemSetup setup = make_advection_diffusion(input);
  const double mass = test::integral(*input.mesh, test::advance(setup, input.spec.step, 0));
  const Extremes end = run(input, setup);
  EXPECT_GT(end.low, -0.06);
  EXPECT_LT(end.high, 1.5);
  if (GetParam() == "stokes_mixed_tri_quad") {
    EXPECT_LT(through(*input.mesh, setup, "boundary"), 1e-12);
    EXPECT_NEAR(end.mass / mass, 1, 1e-12);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SharedMeshes,
                         ::testing::Values("cylinder_channel_fine", "sphere_in_channel_tet", "stokes_mixed_tri_quad"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cotan
