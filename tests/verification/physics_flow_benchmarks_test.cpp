// navier_stokes against the benchmarks of the literature: the cylinder in a channel, the lid-driven cavity.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/check.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/locate.h"
#include "physics/navier_stokes.h"
#include "source_dir.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

// A committed case on its mesh, some of its keys put anew.
ProblemInput load(const std::string& name, const std::vector<std::pair<std::string, std::string>>& set) {
  const auto path = std::filesystem::path(COTAN_SOURCE_DIR) / "examples/flows" / name;
  Config config = Config::parse_file(path);
  for (const auto& [key, value] : set) config = config.with(key, value);
  ProblemInput input;
  input.spec = parse_case(config);
  input.parameters = draw_parameters(input.spec, 0, 0);
  const Config mesh = input.spec.mesh;
  GmshOptions options;
  for (const auto& [key, formula] : mesh["parameters"].entries()) {
    options.parameters.emplace_back(key, input.parameters.at(formula.text()));
  }
  input.mesh = std::make_shared<const Mesh>(
      mend_and_build(mesh_with_gmsh(path.parent_path() / mesh["gmsh"].text(), options), nullptr, nullptr));
  return input;
}

double pressure_at(const Mesh& mesh, const Fields& fields, std::array<double, 2> x) {
  return fields["pressure"][Locator(mesh).nearest_point(x)].item<double>();
}

struct Coefficients {
  double drag, lift, pressure;
};

Coefficients steady_cylinder(const std::string& size) {
  const ProblemInput input = load("dfg_2d1.yaml", {{"parameters.size", size}});
  const ProblemSetup setup = make_navier_stokes(input);
  const auto force = setup.initial.fields["force_cylinder"];
  const Fields& fields = setup.initial.fields;
  return {500 * force[0][0].item<double>(), 500 * force[0][1].item<double>(),
          pressure_at(*input.mesh, fields, {0.15, 0.2}) - pressure_at(*input.mesh, fields, {0.25, 0.2})};
}

// \cite schaefer1996, the digits by \cite nabh1998.
TEST(FlowBenchmarks, SteadyCylinder) {
  if (!have_gmsh()) GTEST_SKIP() << "built without Gmsh";
  const Coefficients exact{5.57953523384, 0.010618948146, 0.11752016697};
  std::vector<Coefficients> errors;
  for (const char* size : {"0.06", "0.03"}) {
    const Coefficients found = steady_cylinder(size);
    errors.push_back({std::abs(found.drag / exact.drag - 1), std::abs(found.lift / exact.lift - 1),
                      std::abs(found.pressure / exact.pressure - 1)});
  }
  EXPECT_LT(errors[1].drag, 5e-4);
  EXPECT_LT(errors[1].lift, 0.02);
  EXPECT_LT(errors[1].pressure, 0.005);
  EXPECT_LT(errors[1].drag, errors[0].drag / 4);
}

// The extremum of a velocity component along a line through the centre, by parabolas through its nodes.
double extremum(const Mesh& mesh, const Fields& fields, int component, int along, bool highest) {
  std::vector<std::array<double, 2>> line;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    if (std::abs(mesh.point(p)[1 - along] - 0.5) > 1e-9) continue;
    line.push_back({mesh.point(p)[along], (highest ? 1 : -1) * fields["velocity"][p][component].item<double>()});
  }
  std::sort(line.begin(), line.end());
  const auto top = std::max_element(line.begin() + 1, line.end() - 1, [](auto a, auto b) { return a[1] < b[1]; });
  const auto [x0, y0] = *(top - 1);
  const auto [x1, y1] = *top;
  const auto [x2, y2] = *(top + 1);
  const double slope = (y1 - y0) / (x1 - x0), bend = ((y2 - y1) / (x2 - x1) - slope) / (x2 - x0);
  const double x = (x0 + x1) / 2 - slope / (2 * bend);
  return (highest ? 1 : -1) * (y0 + slope * (x - x0) + bend * (x - x0) * (x - x1));
}

// \cite botella1998: lowest u on the vertical line through the centre, highest and lowest v on the horizontal one.
TEST(FlowBenchmarks, LidDrivenCavity) {
  if (!have_gmsh()) GTEST_SKIP() << "built without Gmsh";
  struct Row {
    const char* viscosity;
    double u, v_high, v_low;
  };
  for (const Row& row :
       {Row{"1.0e-2", -0.2140424, 0.1795728, -0.2538030}, Row{"1.0e-3", -0.3885698, 0.3769447, -0.5270771}}) {
    const ProblemInput input = load("cavity.yaml", {{"parameters.viscosity", row.viscosity}});
    const Mesh& mesh = *input.mesh;
    const Fields fields = make_navier_stokes(input).initial.fields;
    const double u = extremum(mesh, fields, 0, 1, false), high = extremum(mesh, fields, 1, 0, true),
                 low = extremum(mesh, fields, 1, 0, false);
    EXPECT_NEAR(u / row.u, 1, 0.005);
    EXPECT_NEAR(high / row.v_high, 1, 0.005);
    EXPECT_NEAR(low / row.v_low, 1, 0.005);
  }
}

}  // namespace
}  // namespace cotan
