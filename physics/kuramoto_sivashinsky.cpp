#include "physics/kuramoto_sivashinsky.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "physics/assembly.h"
#include "physics/initial.h"

namespace cotan {
namespace {

constexpr int kDegree = 2;
constexpr double kGamma = 0.29289321881345254;   // 1 - 1 / sqrt 2
constexpr double kDelta = -0.70710678118654752;  // 1 - 1 / (2 gamma)

// The matrix of rows [a b; c d], all on one pattern, unknown i of u at 2 i, of w at 2 i + 1: near each other.
SparseMatrix interleaved(const SparseMatrix& a, const SparseMatrix& b, const SparseMatrix& c, const SparseMatrix& d) {
  SparseMatrix out;
  for (Index i = 0; i < a.rows(); ++i) {
    for (const auto& [of_u, of_w] : {std::pair(&a, &b), std::pair(&c, &d)}) {
      for (auto k = a.offsets[i]; k < a.offsets[i + 1]; ++k) {
        out.columns.insert(out.columns.end(), {2 * a.columns[k], 2 * a.columns[k] + 1});
        out.values.insert(out.values.end(), {of_u->values[k], of_w->values[k]});
      }
      out.offsets.push_back(static_cast<std::int64_t>(out.columns.size()));
    }
  }
  return out;
}

SparseMatrix scaled(double factor, const SparseMatrix& a) {
  return combination(factor, a, 0, a);
}

at::Tensor column(std::span<const double> values) {
  const auto out = at::empty({static_cast<std::int64_t>(values.size()), 1}, at::kDouble);
  std::copy(values.begin(), values.end(), out.data_ptr<double>());
  return out;
}

std::vector<double> values_of(const at::Tensor& column) {
  const at::Tensor u = column.to(at::kCPU, at::kDouble).contiguous();
  return {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()};
}

double number(const ProblemInput& input, const std::string& name) {
  const auto found = input.parameters.find(name);
  if (found == input.parameters.end()) return 1;
  COTAN_REQUIRE(found->second >= 0, input.spec.source["parameters"][name].where()
                                        << ": " << found->second << " is out of range (at least 0)");
  return found->second;
}

ProblemSetup make(const ProblemInput& input) {
  const Mesh& mesh = *input.mesh;
  require_linear_cells(mesh, "kuramoto_sivashinsky");
  input.spec.options.only_keys(std::vector<std::string>{});
  input.spec.initial.only_keys({"u"});
  const Boundary boundary = resolve_boundary(mesh, input.spec.boundary);
  for (const auto& entry : input.spec.boundary) {
    COTAN_REQUIRE(entry.values.empty(), entry.source.where() << ": " << entry.values.begin()->first
                                                             << " is no condition of kuramoto_sivashinsky: sides are "
                                                                "periodic, or mirrors without any");
  }
  auto solver = std::make_shared<KuramotoSivashinsky>(
      mesh,
      KuramotoSivashinsky::Coefficients{number(input, "growth"), number(input, "damping"), number(input, "steepening")},
      boundary.periodic);
  ProblemSetup setup;
  setup.fields = {{"u", 1, On::points, ""}};
  setup.roles = boundary.roles;
  const auto start =
      initial_values(input.spec.initial["u"], setup.fields[0], mesh, input.parameters, input.seed, input.draw);
  const auto glued = [solver](std::span<const double> u) {
    return at_points(solver->unknowns(), at_unknowns(solver->unknowns(), u));
  };
  setup.initial = {0, Fields({{"u", On::points, column(glued(start))}})};
  setup.system.lift = [glued](std::span<const Frame> first) {
    return State({{"u", On::points, column(glued(values_of(first.back().fields["u"])))}});
  };
  setup.system.step = [solver](double, double dt, const State& state) {
    const auto u = at_unknowns(solver->unknowns(), values_of(state["u"]));
    return state.with("u", column(at_points(solver->unknowns(), solver->step(dt, u))));
  };
  setup.system.view = [](const State& state) { return state; };
  return setup;
}

}  // namespace

KuramotoSivashinsky::KuramotoSivashinsky(const Mesh& mesh, Coefficients coefficients,
                                         std::span<const PeriodicPair> periodic)
    : dim_(mesh.dim()), coefficients_(coefficients), unknowns_(unknowns_of(mesh, periodic)) {
  SparseMatrix mass = point_matrix(mesh), stiffness = mass;
  std::vector<double> m, k;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    m.assign(nodes.size() * nodes.size(), 0);
    k.assign(nodes.size() * nodes.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) {
          double slopes = 0;
          for (int d = 0; d < v.dim; ++d) slopes += v.gradient(q, a)[d] * v.gradient(q, b)[d];
          m[a * v.num_nodes + b] += v.weights[q] * v.value(q, a) * v.value(q, b);
          k[a * v.num_nodes + b] += v.weights[q] * slopes;
        }
      }
    }
    add_block(mass, nodes, m);
    add_block(stiffness, nodes, k);
  });
  mass_ = summed(unknowns_, mass);
  stiffness_ = summed(unknowns_, stiffness);
  keep_shapes(mesh);
}

void KuramotoSivashinsky::keep_shapes(const Mesh& mesh) {
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      places_.push_back({static_cast<std::int64_t>(nodes_.size()), v.num_nodes, v.weights[q]});
      for (int a = 0; a < v.num_nodes; ++a) {
        nodes_.push_back(unknowns_.of_point[nodes[a]]);
        values_.push_back(v.value(q, a));
        gradients_.insert(gradients_.end(), v.gradient(q, a), v.gradient(q, a) + dim_);
      }
    }
  });
}

std::vector<double> KuramotoSivashinsky::slopes(std::span<const double> u) const {
  std::vector<double> out(unknowns_.size(), 0.0);
  for (const Place& place : places_) {
    double slope[3] = {0, 0, 0};
    for (int a = 0; a < place.nodes; ++a) {
      const double value = u[nodes_[place.first + a]];
      for (int d = 0; d < dim_; ++d) slope[d] += value * gradients_[(place.first + a) * dim_ + d];
    }
    const double square = slope[0] * slope[0] + slope[1] * slope[1] + slope[2] * slope[2];
    const double load = -coefficients_.steepening / 2 * place.weight * square;
    for (int a = 0; a < place.nodes; ++a) out[nodes_[place.first + a]] += load * values_[place.first + a];
  }
  return out;
}

// mass u + gamma dt (b stiffness - a mass) w = right, mass w - stiffness u = 0.
void KuramotoSivashinsky::update_factors(double dt) {
  if (dt_ != 0 && std::abs(dt - dt_) <= 1e-9 * dt_) return;  // steps between times k dt differ in their last bits
  const SparseMatrix of_w =
      combination(kGamma * dt * coefficients_.damping, stiffness_, -kGamma * dt * coefficients_.growth, mass_);
  solve_ = factorise(interleaved(mass_, of_w, scaled(-1, stiffness_), mass_));
  dt_ = dt;
}

std::vector<double> KuramotoSivashinsky::step(double dt, std::span<const double> u) {
  update_factors(dt);
  const auto solve = [&](std::span<const double> right) {
    std::vector<double> both(2 * right.size(), 0.0);
    for (std::size_t i = 0; i < right.size(); ++i) both[2 * i] = right[i];
    return solve_(both);
  };
  const auto part = [](std::span<const double> both, int which) {
    std::vector<double> out(both.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = both[2 * i + which];
    return out;
  };
  const auto base = multiply(mass_, u), first = slopes(u);
  auto right = base;
  for (std::size_t i = 0; i < right.size(); ++i) right[i] += kGamma * dt * first[i];
  const auto stage = solve(right);
  const auto second = slopes(part(stage, 0)), w = part(stage, 1);
  right = base;
  for (std::size_t i = 0; i < right.size(); ++i) right[i] += dt * (kDelta * first[i] + (1 - kDelta) * second[i]);
  add_product(mass_, dt * (1 - kGamma) * coefficients_.growth, w, right);
  add_product(stiffness_, -dt * (1 - kGamma) * coefficients_.damping, w, right);
  return part(solve(right), 0);
}

Problem kuramoto_sivashinsky_problem() {
  return {"kuramoto_sivashinsky",
          "du/dt = -growth lap u - damping lap^2 u - steepening/2 |grad u|^2: chaotic; linear elements in mixed form",
          [](int) {
            return std::vector<FieldSpec>{{"u", 1, On::points, ""}};
          },
          {{"growth", "1 unless said"}, {"damping", "1 unless said"}, {"steepening", "1 unless said"}},
          "periodic: the side opposite | nothing: a mirror",
          make,
          true};
}

}  // namespace cotan
