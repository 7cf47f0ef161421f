#include "physics/motion_system.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "core/check.h"
#include "physics/initial.h"

namespace cotan {
namespace {

constexpr const char* kAcceleration = "acceleration";

at::Tensor rows_of(std::span<const double> values, int components) {
  const auto out = at::empty({static_cast<std::int64_t>(values.size()) / components, components}, at::kDouble);
  std::copy(values.begin(), values.end(), out.data_ptr<double>());
  return out;
}

std::vector<double> values_of(const at::Tensor& rows) {
  const at::Tensor values = rows.to(at::kCPU, at::kDouble).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

/// What the System's functions share.
struct Solver {
  FieldSpec value, rate;
  Unknowns unknowns;  // of (points, components)
  SecondOrderSystem equations;
  GeneralisedAlpha steps;
  bool inertia;
  Solve equilibrium;  // without inertia

  std::vector<double> in(const State& state, const std::string& name) const {
    return at_unknowns(unknowns, values_of(state[name]));
  }
  at::Tensor out(std::span<const double> values) const {
    return rows_of(at_points(unknowns, values), value.components);
  }

  State state_of(const Motion& motion) const {
    if (!inertia) return State({{value.name, On::points, out(motion.u)}});
    return State({{value.name, On::points, out(motion.u)},
                  {rate.name, On::points, out(motion.velocity)},
                  {kAcceleration, On::points, out(motion.acceleration)}});
  }
  Motion rest_at(double t) const {
    auto right = equations.load(t);
    equations.impose(t, right);
    return {equilibrium(right), {}, {}};
  }
  State lift(const Frame& frame) const {
    if (!inertia) return state_of(rest_at(frame.t));
    return state_of(steps.start(frame.t, in(frame.fields, value.name), in(frame.fields, rate.name)));
  }
  State step(double t, double dt, const State& now) {
    if (!inertia) return state_of(rest_at(t + dt));
    return state_of(steps.step(t, dt, {in(now, value.name), in(now, rate.name), in(now, kAcceleration)}));
  }
  Fields view(const State& state) const {
    std::vector<State::Entry> entries(state.entries().begin(), state.entries().begin() + (inertia ? 2 : 1));
    return Fields(std::move(entries));
  }
};

SecondOrderSystem equations_of(const ProblemInput& input, MotionCase& motion, const Unknowns& unknowns,
                               const std::vector<Prescription>& given) {
  SecondOrderSystem out{summed(unknowns, motion.mass),
                        summed(unknowns, motion.damping),
                        summed(unknowns, motion.stiffness),
                        std::vector<char>(unknowns.size(), 0),
                        {},
                        {}};
  const int components = motion.value.components;
  for (const auto& entry : given) {
    for (const Index p : entry.points) out.fixed[unknowns.of_point[p * components + entry.component]] = 1;
  }
  out.load = [load = motion.load, unknowns](double t) { return summed(unknowns, load(t)); };
  out.impose = [given, unknowns, components, mesh = input.mesh, parameters = input.parameters](double t,
                                                                                               std::span<double> u) {
    for (const auto& entry : given) {
      const auto values = evaluate({entry.value}, *mesh, entry.points, t, parameters, entry.where);
      for (std::size_t i = 0; i < values.size(); ++i)
        u[unknowns.of_point[entry.points[i] * components + entry.component]] = values[i];
    }
  };
  return out;
}

Solve equilibrium_of(const SecondOrderSystem& equations) {
  SparseMatrix matrix = equations.stiffness;
  set_identity_rows(matrix, equations.fixed);
  return factorise(matrix);
}

}  // namespace

Unknowns with_components(const Unknowns& unknowns, int components) {
  Unknowns out;
  for (const Index k : unknowns.of_point) {
    for (int c = 0; c < components; ++c) out.of_point.push_back(k * components + c);
  }
  for (const Index p : unknowns.point) {
    for (int c = 0; c < components; ++c) out.point.push_back(p * components + c);
  }
  return out;
}

SparseMatrix point_matrix(const Mesh& mesh, int components) {
  const SparseMatrix one = point_matrix(mesh);
  SparseMatrix out;
  for (Index p = 0; p < one.rows(); ++p) {
    for (int c = 0; c < components; ++c) {
      for (auto k = one.offsets[p]; k < one.offsets[p + 1]; ++k) {
        for (int d = 0; d < components; ++d) out.columns.push_back(one.columns[k] * components + d);
      }
      out.offsets.push_back(static_cast<std::int64_t>(out.columns.size()));
    }
  }
  out.values.assign(out.columns.size(), 0);
  return out;
}

void set_motion(const ProblemInput& input, const Boundary& boundary, MotionCase motion, ProblemSetup& setup) {
  const Mesh& mesh = *input.mesh;
  const int components = motion.value.components;
  setup.roles = boundary.roles;
  setup.fields = {motion.value};
  const auto given = prescriptions(boundary, setup.fields, input.parameters);
  setup.prescribed = prescribed_masks(given, setup.fields, mesh.num_points());
  if (motion.inertia) setup.fields.push_back(motion.rate);
  Unknowns unknowns = with_components(unknowns_of(mesh, boundary.periodic), components);
  SecondOrderSystem equations = equations_of(input, motion, unknowns, given);
  COTAN_REQUIRE(motion.inertia || std::count(equations.fixed.begin(), equations.fixed.end(), 0) < unknowns.size(),
                input.spec.source.where() << ": nothing holds the body, so it has no equilibrium: give a "
                                          << motion.value.name << " on some side, or leave inertia on");
  auto solver = std::make_shared<Solver>(Solver{motion.value, motion.rate, std::move(unknowns), equations,
                                                GeneralisedAlpha(equations, motion.radius), motion.inertia, nullptr});
  std::vector<std::string> names;
  for (const auto& field : setup.fields) names.push_back(field.name);
  input.spec.initial.only_keys(names);
  std::vector<State::Entry> start;
  if (motion.inertia) {
    for (const auto& field : setup.fields) {
      if (!input.spec.initial.has(field.name)) setup.notes.push_back("no initial " + field.name + ": it starts from 0");
      const auto values =
          initial_values(input.spec.initial[field.name], field, mesh, input.parameters, input.seed, input.draw);
      auto shared = at_unknowns(solver->unknowns, values);
      if (field.name == motion.value.name) equations.impose(0, shared);
      start.push_back({field.name, On::points, solver->out(shared)});
    }
  } else {
    solver->equilibrium = equilibrium_of(equations);
    start.push_back({motion.value.name, On::points, solver->out(solver->rest_at(0).u)});
  }
  setup.initial = {0, Fields(std::move(start))};
  setup.system.lift = [solver](std::span<const Frame> first) { return solver->lift(first.back()); };
  setup.system.step = [solver](double t, double dt, const State& state) { return solver->step(t, dt, state); };
  setup.system.view = [solver](const State& state) { return solver->view(state); };
}

}  // namespace cotan
