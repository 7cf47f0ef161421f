#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "integrators/integrator.h"
#include "mesh/ordering.h"
#include "physics/advection_diffusion.h"
#include "physics/assembly.h"

namespace cotan::test {

/// A problem's input from the text of a case; the mesh entry of the text is not looked at.
inline ProblemInput input_from(Mesh mesh, const std::string& yaml, std::uint64_t draw = 0) {
  ProblemInput input;
  input.mesh = std::make_shared<const Mesh>(std::move(mesh));
  input.spec = parse_case(Config::parse_text(yaml, "case.yaml"));
  input.parameters = draw_parameters(input.spec, 1, draw);
  input.seed = 1;
  input.draw = draw;
  return input;
}

inline std::vector<double> column(const Fields& fields) {
  const auto u = fields["u"].contiguous();
  return {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()};
}

/// u after `steps` steps of dt.
inline std::vector<double> advance(const ProblemSetup& setup, double dt, int steps) {
  State state = setup.system.lift(std::vector{setup.initial});
  for (int k = 0; k < steps; ++k) state = setup.system.step(k * dt, dt, state);
  return column(setup.system.view(state));
}

/// u at t = 1 after so many steps of an integrator instead of the problem's own.
inline std::vector<double> advance_by(ProblemSetup setup, const std::string& method, int steps) {
  const RatedProblem rated = setup.rated();
  setup.system = method_of_lines(make_integrator(method), rated.rate, rated.prescribed);
  return advance(setup, 1.0 / steps, steps);
}

/// Integral of a point field by linear elements.
inline double integral(const Mesh& mesh, const std::vector<double>& u) {
  double sum = 0;
  for_each_cell(mesh, 4, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) sum += v.weights[q] * v.value(q, a) * u[nodes[a]];
    }
  });
  return sum;
}

/// Values of one expression at the points.
inline std::vector<double> point_values(const Mesh& mesh, const std::string& text, double t) {
  const auto formula = Expression::parse(text, case_variables({}));
  std::vector<double> out;
  for (Index p = 0; p < mesh.num_points(); ++p) {
    std::vector<double> x = {0, 0, 0, t};
    std::copy(mesh.point(p).begin(), mesh.point(p).end(), x.begin());
    out.push_back(formula(x));
  }
  return out;
}

/// L2 norm of u minus a formula, by quadrature in the cells.
inline double l2_error(const Mesh& mesh, const std::vector<double>& u, const std::string& exact, double t) {
  const auto formula = Expression::parse(exact, case_variables({}));
  double sum = 0;
  for_each_cell(mesh, 5, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      std::vector<double> x = {0, 0, 0, t};
      std::copy(v.x(q).begin(), v.x(q).end(), x.begin());
      double difference = -formula(x);
      for (int a = 0; a < v.num_nodes; ++a) difference += v.value(q, a) * u[nodes[a]];
      sum += v.weights[q] * difference * difference;
    }
  });
  return std::sqrt(sum);
}

inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace cotan::test
