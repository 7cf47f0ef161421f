#include "physics/flow.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/check.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

constexpr int kDegree = 5;
constexpr double kLeak = 0.01;  // of what flows through the sides: more is no rounding of formulas by elements

void add_force(const Flow& flow, double t, std::vector<double>& load) {
  const TaylorHood& space = flow.forms->space();
  std::vector<double> values;
  for_each_cell(*space.mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int k = 0; k < space.dim; ++k) {
      flow.force[k].at(v.position, v.dim, t, values);
      for (int q = 0; q < v.num_points; ++q) {
        for (int a = 0; a < v.num_nodes; ++a) {
          load[space.velocity(nodes[a], k)] += v.weights[q] * values[q] * v.value(q, a);
        }
      }
    }
  });
}

void add_opening(const TaylorHood& space, const PressureSide& side, double t, std::vector<double>& load) {
  if (side.pressure.is_zero()) return;
  std::vector<double> pressure;
  for_each_facet(*space.mesh, side.facets, kDegree,
                 [&](std::span<const Index> nodes, const CellValues& v, std::span<const double> normals) {
                   side.pressure.at(v.position, v.dim, t, pressure);
                   for (int q = 0; q < v.num_points; ++q) {
                     for (int a = 0; a < v.num_nodes; ++a) {
                       const double weight = v.weights[q] * pressure[q] * v.value(q, a);
                       for (int k = 0; k < v.dim; ++k) {
                         load[space.velocity(nodes[a], k)] -= weight * normals[q * v.dim + k];
                       }
                     }
                   }
                 });
}

// The net flow out of an enclosed flow, spread evenly over the cells: what its given velocities leave of div u = 0.
void spread_leak(const Flow& flow, std::span<const double> x, std::span<double> continuity) {
  const TaylorHood& space = flow.forms->space();
  const double leak = std::accumulate(continuity.begin(), continuity.end(), 0.0);
  std::vector<double> through(std::size_t(space.dim) * space.num_nodes, 0.0);  // integral of v_a n over the sides
  flow.forms->add_gradient(std::vector<double>(space.num_pressures, 1.0), 1, through);
  double all = 0;
  for (Index i = 0; i < space.num_nodes; ++i) {
    double normal = 0, speed = 0;
    for (int k = 0; k < space.dim; ++k) {
      normal += std::pow(through[space.velocity(i, k)], 2);
      speed += std::pow(x[space.velocity(i, k)], 2);
    }
    all += std::sqrt(normal * speed);
  }
  COTAN_REQUIRE(std::abs(leak) <= kLeak * all + 1e-300,
                "the velocity is given on all sides, and " << leak << " m^" << space.dim
                                                           << "/s more flow out than in: no incompressible flow does "
                                                              "that; leave an outlet without velocity (role: outflow)");
  const auto& weights = flow.forms->pressure_weights();
  const double volume = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (Index c = 0; c < space.num_pressures; ++c) continuity[c] -= weights[c] * leak / volume;
}

}  // namespace

bool Flow::load_depends_on_time() const {
  return std::any_of(force.begin(), force.end(), [](const Coefficient& f) { return f.depends_on_time(); }) ||
         std::any_of(openings.begin(), openings.end(),
                     [](const PressureSide& side) { return side.pressure.depends_on_time(); });
}

std::vector<double> flow_load(const Flow& flow, double t) {
  const TaylorHood& space = flow.forms->space();
  std::vector<double> load(std::size_t(space.dim) * space.num_nodes, 0.0);
  const bool forced = std::any_of(flow.force.begin(), flow.force.end(), [](const auto& f) { return !f.is_zero(); });
  if (forced) add_force(flow, t, load);
  for (const PressureSide& side : flow.openings) add_opening(space, side, t, load);
  return load;
}

std::vector<double> flow_residual(const Flow& flow, std::span<const double> values, std::span<const double> x,
                                  std::span<const double> load) {
  const TaylorHood& space = flow.forms->space();
  std::vector<double> residual(load.begin(), load.end());
  residual.resize(space.num_dofs(), 0.0);
  const std::span<double> continuity = std::span(residual).subspan(load.size());
  add_product(flow.forms->pattern(), values, space.dim, x, -1, residual);
  flow.forms->add_gradient(x.subspan(load.size()), 1, residual);
  flow.forms->add_divergence(x, 1, continuity);
  if (flow.enclosed) spread_leak(flow, x, continuity);
  return residual;
}

void restrict_residual(const Flow& flow, std::span<double> residual) {
  flow.constraints->restrict_rows(residual);
  if (flow.enclosed) residual[flow.forms->space().pressure(0)] = 0;
}

std::vector<double> flow_product(const Flow& flow, std::span<const double> values, std::span<const double> x) {
  const TaylorHood& space = flow.forms->space();
  const std::size_t velocities = std::size_t(space.dim) * space.num_nodes;
  std::vector<double> y(space.num_dofs(), 0.0);
  add_product(flow.forms->pattern(), values, space.dim, x, 1, y);
  flow.forms->add_gradient(x.subspan(velocities), -1, y);
  flow.forms->add_divergence(x, -1, std::span(y).subspan(velocities));
  flow.constraints->restrict_product(x, y);
  if (flow.enclosed) y[velocities] = x[velocities];
  return y;
}

void level_pressure(const Flow& flow, std::span<double> x) {
  if (!flow.enclosed) return;
  const TaylorHood& space = flow.forms->space();
  const auto& weights = flow.forms->pressure_weights();
  const std::span<double> p = x.subspan(space.pressure(0));
  const double mean = std::inner_product(weights.begin(), weights.end(), p.begin(), 0.0) /
                      std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& value : p) value -= mean;
}

std::vector<double> force_on(const TaylorHood& space, std::span<const Index> nodes, std::span<const double> residual) {
  std::vector<double> force(space.dim, 0.0);
  for (const Index i : nodes) {
    for (int k = 0; k < space.dim; ++k) force[k] += residual[space.velocity(i, k)];
  }
  return force;
}

}  // namespace cotan
