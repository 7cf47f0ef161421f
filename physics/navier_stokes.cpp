#include "physics/navier_stokes.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "physics/flow_unsteady.h"
#include "physics/initial.h"

namespace cotan {
namespace {

// What the System keeps: entries of the State, behind the fields that view gives. Where a frame has the first of them,
// it is taken as the start, with the nodes that the user's mesh does not have.
constexpr const char* kNow = "navier_stokes_now";
constexpr const char* kBefore = "navier_stokes_before";
constexpr const char* kStep = "navier_stokes_step";

at::Tensor table(std::span<const double> values, std::int64_t columns) {
  auto out = at::empty({static_cast<std::int64_t>(values.size()) / columns, columns}, at::kDouble);
  std::copy(values.begin(), values.end(), out.data_ptr<double>());
  return out;
}

std::vector<double> numbers(const at::Tensor& given) {
  const at::Tensor host = given.to(at::kCPU, at::kDouble).contiguous();
  return {host.const_data_ptr<double>(), host.const_data_ptr<double>() + host.numel()};
}

// The solver behind the System's functions.
struct Solver {
  FlowCase spec;
  std::shared_ptr<const TaylorHood> space;
  Index num_points;  // of the user's mesh: the first nodes
  UnsteadyFlow unsteady;

  // Velocity and pressure at the user's points, the force on each body, and the entries above.
  State state(const FlowLevels& levels) const {
    const int dim = space->dim;
    std::vector<double> velocity(std::size_t(num_points) * dim);
    for (Index p = 0; p < num_points; ++p) {
      for (int k = 0; k < dim; ++k) velocity[std::size_t(p) * dim + k] = levels.now[space->velocity(p, k)];
    }
    auto pressure = pressure_at_nodes(*space, std::span(levels.now).subspan(space->pressure(0)));
    pressure.resize(num_points);
    std::vector<State::Entry> entries = {{"velocity", On::points, table(velocity, dim)},
                                         {"pressure", On::points, table(pressure, 1)}};
    for (const auto& body : spec.bodies) {
      entries.push_back({body.field, On::whole,
                         levels.residual.empty() ? at::zeros({1, dim}, at::kDouble)
                                                 : table(force_on(*space, body.nodes, levels.residual), dim)});
    }
    entries.push_back({kNow, On::dofs, table(levels.now, 1)});
    entries.push_back({kBefore, On::dofs, table(levels.before, 1)});
    entries.push_back({kStep, On::whole, table(std::vector{levels.step}, 1)});
    return State(std::move(entries));
  }

  // From values at the user's points; second-order nodes behind them get the mean of their corners.
  std::vector<double> from_points(const Fields& fields) const {
    const int dim = space->dim;
    const auto velocity = numbers(fields["velocity"]);
    const auto pressure = fields.has("pressure") ? numbers(fields["pressure"]) : std::vector<double>(num_points, 0.0);
    check_shape({fields["velocity"].sizes().data(), fields["velocity"].sizes().size()}, {num_points, dim}, "velocity");
    std::vector<double> x(space->num_dofs(), 0.0), corners(space->num_pressures);
    for (int k = 0; k < dim; ++k) {
      for (Index c = 0; c < space->num_pressures; ++c) corners[c] = velocity[space->corner_of[c] * dim + k];
      const auto at_nodes = pressure_at_nodes(*space, corners);
      for (Index i = 0; i < space->num_nodes; ++i) {
        x[space->velocity(i, k)] = i < num_points ? velocity[std::size_t(i) * dim + k] : at_nodes[i];
      }
    }
    for (Index c = 0; c < space->num_pressures; ++c) x[space->pressure(c)] = pressure[space->corner_of[c]];
    return x;
  }
};

System make_system(std::shared_ptr<Solver> solver) {
  System system;
  system.lift = [solver](std::span<const Frame> first) {
    const Fields& fields = first.back().fields;
    if (fields.has(kNow)) return fields;
    std::vector<double> x = solver->from_points(fields);
    solver->spec.flow->constraints->impose(first.back().t, x);
    return solver->state({x, std::vector<double>(solver->space->num_dofs(), 0.0), 0, {}});
  };
  system.step = [solver](double t, double dt, const State& state) {
    const FlowLevels levels{numbers(state[kNow]), numbers(state[kBefore]), numbers(state[kStep])[0], {}};
    return solver->state(solver->unsteady.step(t, dt, levels));
  };
  system.view = [](const State& state) { return state; };
  return system;
}

// Velocity at all nodes and pressure at the corners, by the case.
std::vector<double> initial_state(const ProblemInput& input, const TaylorHood& space, std::vector<std::string>& notes) {
  const Config& initial = input.spec.initial;
  initial.only_keys({"velocity", "pressure"});
  if (!initial.has("velocity")) notes.emplace_back("no initial velocity: it starts from rest");
  const auto specs = navier_stokes_fields(space.dim);
  const auto values = [&](const FieldSpec& field) {
    return initial_values(initial[field.name], field, *space.mesh, input.parameters, input.seed, input.draw);
  };
  const auto velocity = values(specs[0]), pressure = values(specs[1]);
  std::vector<double> x(space.num_dofs(), 0.0);
  for (Index i = 0; i < space.num_nodes; ++i) {
    for (int k = 0; k < space.dim; ++k) x[space.velocity(i, k)] = velocity[std::size_t(i) * space.dim + k];
  }
  for (Index c = 0; c < space.num_pressures; ++c) x[space.pressure(c)] = pressure[space.corner_of[c]];
  return x;
}

}  // namespace

std::vector<FieldSpec> navier_stokes_fields(int dim) {
  return {{"velocity", dim, On::points, "m/s"}, {"pressure", 1, On::points, "m^2/s^2"}};
}

ProblemSetup make_navier_stokes(const ProblemInput& input) {
  ProblemSetup setup;
  const auto space = std::make_shared<const TaylorHood>(input.mesh);
  FlowCase spec = read_flow(input, space, setup.notes);
  setup.fields = navier_stokes_fields(space->dim);
  const Boundary boundary = resolve_boundary(*input.mesh, input.spec.boundary);
  setup.roles = boundary.roles;
  const std::vector<FieldSpec> given = {setup.fields[0]};  // what a side says of the pressure is a force there
  setup.prescribed =
      prescribed_masks(prescriptions(boundary, given, input.parameters), given, input.mesh->num_points());
  for (const auto& body : spec.bodies) {
    setup.fields.push_back({body.field, space->dim, On::whole, space->dim == 2 ? "m^3/s^2" : "m^4/s^2"});
  }
  const auto flow = spec.flow;
  const auto solver =
      std::make_shared<Solver>(Solver{std::move(spec), space, input.mesh->num_points(), UnsteadyFlow(flow)});
  FlowLevels start{{}, std::vector<double>(space->num_dofs(), 0.0), 0, {}};
  if (solver->spec.steady) {
    start.now = steady_flow(*flow);
    start.residual = steady_residual(*flow, start.now);
  } else {
    start.now = initial_state(input, *space, setup.notes);
    flow->constraints->impose(0, start.now);
  }
  setup.initial = {0, solver->state(start)};
  setup.system = make_system(solver);
  return setup;
}

}  // namespace cotan
