// Steps of unsteady flow into the unit square, for peers/flow.py: writes the mesh and the result, and says what a step
// took.
//   bench_flow N DT STEPS FOLDER
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/flow_unsteady.h"
#include "physics/navier_stokes.h"

namespace {

using namespace cotan;

// A pulsing parabola from the left, walls below and above, open on the right.
constexpr const char* kCase = R"yaml(
mesh: none
problem: navier_stokes
parameters: {viscosity: 1.0e-3}
boundary:
  right: {role: outflow}
  left: {role: inflow, velocity: ["4*y*(1 - y)*(1 + 0.5*sin(10*t))", "0"]}
  bottom: {velocity: ["0", "0"]}
  top: {velocity: ["0", "0"]}
)yaml";

template <class T>
void write(const std::filesystem::path& file, std::span<const T> values) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size_bytes()));
}

// Of the processor: what else runs on the machine does not count.
double seconds() {
  return double(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "bench_flow N DT STEPS FOLDER\n"), 2;
  const int n = std::atoi(argv[1]), steps = std::atoi(argv[3]);
  const double dt = std::atof(argv[2]);
  const std::filesystem::path folder = argv[4];
  ProblemInput input;
  input.mesh = std::make_shared<const Mesh>(jiggled(rectangle(n, n), 0.2, 1));
  input.spec = parse_case(Config::parse_text(kCase, "bench_flow"));
  input.parameters = draw_parameters(input.spec, 0, 0);
  double from = seconds();
  const auto space = std::make_shared<const TaylorHood>(input.mesh);
  std::vector<std::string> notes;
  UnsteadyFlow solver(read_flow(input, space, notes).flow);
  const double set_up = seconds() - from;
  FlowLevels levels{std::vector<double>(space->num_dofs(), 0.0), {}, 0, {}};
  levels = solver.step(0, dt, levels);
  from = seconds();
  for (int k = 1; k < steps; ++k) levels = solver.step(k * dt, dt, levels);
  std::printf("points %d dofs %d set_up %.4f step %.5f iterations %d factorisations %d\n", space->num_nodes,
              space->num_dofs(), set_up, (seconds() - from) / (steps - 1), solver.iterations(),
              solver.factorisations());
  write<double>(folder / "points", space->mesh->points());
  write<Index>(folder / "cells", input.mesh->cells().links);
  write<double>(folder / "solution", levels.now);
  return 0;
}
