#include "physics/advection_diffusion.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/initial.h"
#include "physics/transport_rate.h"

namespace cotan {
namespace {

at::Tensor column(std::span<const double> values) {
  auto out = at::empty({static_cast<std::int64_t>(values.size()), 1}, at::kDouble);
  std::copy(values.begin(), values.end(), out.data_ptr<double>());
  return out;
}

std::span<const double> rows(const at::Tensor& column) {
  return {column.data_ptr<double>(), static_cast<std::size_t>(column.size(0))};
}

// The solver behind the System's three functions, which share it.
System make_system(std::shared_ptr<AdvectionDiffusion> solver, Index num_points) {
  System system;
  system.lift = [solver, num_points](std::span<const Frame> first) {
    const Frame& start = first.back();
    at::Tensor u = start.fields["u"];
    check_shape({u.sizes().data(), u.sizes().size()}, {num_points, 1}, "u");
    u = u.to(at::kCPU, at::kDouble, false, true).contiguous();
    solver->impose(start.t, {u.data_ptr<double>(), static_cast<std::size_t>(num_points)});
    return State({{"u", On::points, u}});
  };
  system.step = [solver](double t, double dt, const State& state) {
    return state.with("u", column(solver->step(t, dt, rows(state["u"]))));
  };
  system.view = [](const State& state) { return state; };
  return system;
}

// The velocity at the points, what a network gets as input. Nothing where it moves or is zero.
void add_velocity(const Mesh& mesh, const Transport& transport, ProblemSetup& setup) {
  const auto& velocity = transport.velocity;
  if (std::all_of(velocity.begin(), velocity.end(), [](const auto& c) { return c.is_zero(); })) return;
  if (std::any_of(velocity.begin(), velocity.end(), [](const auto& c) { return c.depends_on_time(); })) {
    setup.notes.push_back("the velocity depends on time: it is not given out as a static field");
    return;
  }
  const int dim = mesh.dim();
  std::vector<double> values(mesh.points().size()), component;
  for (int k = 0; k < dim; ++k) {
    velocity[k].at(mesh.points(), dim, 0, component);
    for (std::size_t p = 0; p < component.size(); ++p) values[p * dim + k] = component[p];
  }
  setup.static_fields.push_back({{"velocity", dim, On::points, "m/s"}, std::move(values)});
}

void add_peclet_note(const Mesh& mesh, const Transport& transport, ProblemSetup& setup) {
  const double peclet = largest_peclet(mesh, transport, 0);
  if (peclet == 0) return;
  std::ostringstream note;
  note.precision(3);
  note << "largest element Peclet number " << peclet << ": SUPG "
       << (transport.upwinding == Upwinding::on    ? "everywhere (supg: on)"
           : transport.upwinding == Upwinding::off ? "off (supg: off)"
           : peclet > 1                            ? "where it is above 1"
                                                   : "nowhere, it acts above 1");
  setup.notes.push_back(note.str());
}

double read_theta(const Config& options) {
  if (!options.has("theta")) return 0.5;
  const Config node = options["theta"];
  const double theta = node.number();
  COTAN_REQUIRE(theta >= 0.5 && theta <= 1, node.where() << ": " << node.text()
                                                         << " is out of range (weight of the new time; at least 0.5, "
                                                            "Crank-Nicolson, at most 1, backward Euler)");
  return theta;
}

}  // namespace

AdvectionDiffusion::AdvectionDiffusion(std::shared_ptr<const Mesh> mesh, Transport transport,
                                       std::vector<Prescription> fixed, std::map<std::string, double> parameters,
                                       double theta, std::span<const PeriodicPair> periodic)
    : mesh_(std::move(mesh)),
      transport_(std::move(transport)),
      fixed_(std::move(fixed)),
      parameters_(std::move(parameters)),
      theta_(theta),
      unknowns_(unknowns_of(*mesh_, periodic)),
      pattern_(point_matrix(*mesh_)),
      is_fixed_(unknowns_.size(), 0) {
  for (const auto& entry : fixed_) {
    for (const Index p : entry.points) is_fixed_[unknowns_.of_point[p]] = 1;
  }
}

void AdvectionDiffusion::impose(double t, std::span<double> u) const {
  auto values = at_unknowns(unknowns_, u);
  impose_unknowns(t, values);
  for (std::size_t p = 0; p < u.size(); ++p) u[p] = values[unknowns_.of_point[p]];
}

void AdvectionDiffusion::impose_unknowns(double t, std::span<double> u) const {
  for (const auto& entry : fixed_) {
    const auto values = evaluate({entry.value}, *mesh_, entry.points, t, parameters_, entry.where);
    for (std::size_t i = 0; i < values.size(); ++i) u[unknowns_.of_point[entry.points[i]]] = values[i];
  }
}

void AdvectionDiffusion::update_matrices(double t, double dt) {
  const bool first = dt_ == 0;
  if (first || transport_.matrices_depend_on_time()) {
    const TransportMatrices of_points = transport_matrices(*mesh_, pattern_, transport_, t);
    matrices_ = {summed(unknowns_, of_points.mass), summed(unknowns_, of_points.stiffness)};
  } else if (std::abs(dt - dt_) <= 1e-9 * dt_) {
    return;  // steps between times k dt differ in their last bits
  }
  SparseMatrix implicit = combination(1 / dt, matrices_.mass, theta_, matrices_.stiffness);
  explicit_ = combination(1 / dt, matrices_.mass, theta_ - 1, matrices_.stiffness);
  set_identity_rows(implicit, is_fixed_);
  try {
    solve_ = factorise(implicit);
  } catch (const NumericsError& error) {
    throw NumericsError("advection_diffusion at t = " + std::to_string(t) + ": " + error.what());
  }
  ++factorisations_;
  dt_ = dt;
}

std::vector<double> AdvectionDiffusion::step(double t, double dt, std::span<const double> u) {
  const double stage = t + theta_ * dt;
  update_matrices(stage, dt);
  if (load_.empty() || transport_.load_depends_on_time()) {
    load_ = summed(unknowns_, transport_load(*mesh_, transport_, stage));
  }
  auto right = multiply(explicit_, at_unknowns(unknowns_, u));
  for (std::size_t p = 0; p < right.size(); ++p) right[p] += load_[p];
  impose_unknowns(t + dt, right);
  return at_points(unknowns_, solve_(right));
}

std::vector<FieldSpec> advection_diffusion_fields(int) {
  return {{"u", 1, On::points, ""}};
}

ProblemSetup make_advection_diffusion(const ProblemInput& input) {
  const Mesh& mesh = *input.mesh;
  require_linear_cells(mesh, "advection_diffusion");
  ProblemSetup setup;
  setup.fields = advection_diffusion_fields(mesh.dim());
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  setup.roles = boundary.roles;
  Transport transport = read_transport(input, boundary, setup.notes);
  add_peclet_note(mesh, transport, setup);
  add_velocity(mesh, transport, setup);

  input.spec.initial.only_keys({"u"});
  if (!input.spec.initial.has("u")) setup.notes.push_back("no initial value of u: it starts from 0");
  auto u = initial_values(input.spec.initial["u"], setup.fields[0], mesh, input.parameters, input.seed, input.draw);
  auto fixed = prescriptions(boundary, setup.fields, input.parameters);
  setup.prescribed = prescribed_masks(fixed, setup.fields, mesh.num_points());
  if (boundary.periodic.empty()) {
    setup.rated = [=, mesh = input.mesh, parameters = input.parameters, step = input.spec.step] {
      return transport_rate(mesh, transport, fixed, parameters, step);
    };
  }
  auto solver =
      std::make_shared<AdvectionDiffusion>(input.mesh, std::move(transport), std::move(fixed), input.parameters,
                                           read_theta(input.spec.options), boundary.periodic);
  solver->impose(0, u);
  setup.initial = {0, Fields({{"u", On::points, column(u)}})};
  setup.system = make_system(std::move(solver), mesh.num_points());
  return setup;
}

}  // namespace cotan
