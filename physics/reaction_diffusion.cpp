#include "physics/reaction_diffusion.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/expression_block.h"
#include "physics/assembly.h"

namespace cotan {
namespace {

constexpr int kDegree = 4;                       // as for transport: coefficients of second degree
constexpr double kGamma = 0.29289321881345254;   // 1 - 1 / sqrt 2
constexpr double kDelta = -0.70710678118654752;  // 1 - 1 / (2 gamma)

using Values = std::vector<std::vector<double>>;

// Mass and stiffness of one component at the points.
void assemble_component(const Mesh& mesh, const ReactingComponent& component, SparseMatrix& mass,
                        SparseMatrix& stiffness) {
  std::vector<double> capacity, diffusivity, m, k;
  for_each_cell(mesh, kDegree, [&](std::span<const Index> nodes, const CellValues& v) {
    component.capacity.at(v.position, v.dim, 0, capacity);
    component.diffusivity.at(v.position, v.dim, 0, diffusivity);
    m.assign(nodes.size() * nodes.size(), 0);
    k.assign(nodes.size() * nodes.size(), 0);
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        for (int b = 0; b < v.num_nodes; ++b) {
          double slopes = 0;
          for (int d = 0; d < v.dim; ++d) slopes += v.gradient(q, a)[d] * v.gradient(q, b)[d];
          m[a * v.num_nodes + b] += v.weights[q] * capacity[q] * v.value(q, a) * v.value(q, b);
          k[a * v.num_nodes + b] += v.weights[q] * diffusivity[q] * slopes;
        }
      }
    }
    add_block(mass, nodes, m);
    add_block(stiffness, nodes, k);
  });
  for (const auto& side : component.sides) add_robin(mesh, side, kDegree, 0, stiffness);
}

bool loads_depend_on_time(const ReactingSystem& system) {
  const auto moves = [](const NaturalSide& s) { return s.flux.depends_on_time() || s.robin_ambient.depends_on_time(); };
  return std::any_of(system.components.begin(), system.components.end(),
                     [&](const auto& c) { return std::any_of(c.sides.begin(), c.sides.end(), moves); });
}

bool is_nothing(const Expression& formula) {
  return formula.is_constant() && formula.program().front().value == 0;
}

}  // namespace

ReactionDiffusion::ReactionDiffusion(std::shared_ptr<const Mesh> mesh, ReactingSystem system,
                                     std::vector<Prescription> fixed, std::map<std::string, double> parameters,
                                     std::span<const PeriodicPair> periodic)
    : mesh_(std::move(mesh)),
      system_(std::move(system)),
      fixed_(std::move(fixed)),
      parameters_(std::move(parameters)),
      unknowns_(unknowns_of(*mesh_, periodic)),
      matrices_(system_.components.size()),
      coordinates_(3, std::vector<double>(unknowns_.size(), 0.0)) {
  for (Index i = 0; i < unknowns_.size(); ++i) {
    for (int k = 0; k < mesh_->dim(); ++k) coordinates_[k][i] = mesh_->point(unknowns_.point[i])[k];
  }
  for (auto& matrices : matrices_) matrices.fixed.assign(unknowns_.size(), 0);
  for (const auto& entry : fixed_) {
    for (const Index p : entry.points) matrices_[entry.component].fixed[unknowns_.of_point[p]] = 1;
  }
  assemble();
  if (!system_.velocity.empty()) convection_ = std::make_unique<Convection>(*mesh_, unknowns_);
}

void ReactionDiffusion::assemble() {
  const SparseMatrix pattern = point_matrix(*mesh_);
  SparseMatrix mass = pattern, stiffness = pattern;
  assemble_component(*mesh_, ReactingComponent{}, mass, stiffness);
  plain_mass_ = summed(unknowns_, mass);
  for (std::size_t i = 0; i < matrices_.size(); ++i) {
    mass = stiffness = pattern;
    assemble_component(*mesh_, system_.components[i], mass, stiffness);
    matrices_[i].mass = summed(unknowns_, mass);
    matrices_[i].stiffness = summed(unknowns_, stiffness);
  }
}

void ReactionDiffusion::add_solver(SparseMatrix matrix, Solvers& solvers) const {
  const std::size_t i = solvers.size();
  for (std::size_t j = 0; j < i; ++j) {
    const bool alike = matrices_[j].fixed == matrices_[i].fixed && solvers[j]->matrix().values == matrix.values;
    if (alike) return solvers.push_back(solvers[j]);
  }
  solvers.push_back(std::make_shared<SpdSolver>(std::move(matrix), matrices_[i].fixed));
}

void ReactionDiffusion::update_solvers(double dt) {
  if (dt_ != 0 && std::abs(dt - dt_) <= 1e-9 * dt_) return;  // steps between times k dt differ in their last bits
  of_steps_.clear();
  for (const Matrices& here : matrices_) add_solver(combination(1, here.mass, kGamma * dt, here.stiffness), of_steps_);
  dt_ = dt;
}

bool ReactionDiffusion::has_factors() const {
  return std::any_of(of_steps_.begin(), of_steps_.end(), [](const auto& solver) { return solver->has_factors(); });
}

void ReactionDiffusion::impose(double t, Values& u) const {
  for (const auto& entry : fixed_) {
    const auto values = evaluate({entry.value}, *mesh_, entry.points, t, parameters_, entry.where);
    for (std::size_t i = 0; i < values.size(); ++i) u[entry.component][unknowns_.of_point[entry.points[i]]] = values[i];
  }
}

std::vector<BlockValues> ReactionDiffusion::variables(double t, const Values& u) const {
  std::vector<BlockValues> out(coordinates_.begin(), coordinates_.end());
  out.emplace_back(t);
  for (const auto& [name, value] : parameters_) out.emplace_back(value);
  for (const auto& component : u) out.emplace_back(component);
  return out;
}

Values ReactionDiffusion::velocity(double t, const Values& u) const {
  Values b;
  const auto given = variables(t, u);
  for (const auto& formula : system_.velocity) {
    b.emplace_back(unknowns_.size());
    evaluate_block(formula, formula.variables().empty() ? std::span<const BlockValues>() : given, b.back());
  }
  return b;
}

void ReactionDiffusion::add_loads(double t, Values& out) {
  if (!loads_known_ || loads_depend_on_time(system_)) {
    loads_.clear();
    for (const auto& component : system_.components) {
      std::vector<double> load;
      if (!component.sides.empty()) load.assign(mesh_->num_points(), 0.0);
      for (const auto& side : component.sides) add_side_load(*mesh_, side, kDegree, t, load);
      loads_.push_back(load.empty() ? load : summed(unknowns_, load));
    }
    loads_known_ = true;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t k = 0; k < loads_[i].size(); ++k) out[i][k] += loads_[i][k];
  }
}

void ReactionDiffusion::explicit_part(double t, const Values& u, Values& out) {
  const auto given = variables(t, u);
  std::vector<double> rates(unknowns_.size());
  out.assign(u.size(), std::vector<double>(unknowns_.size(), 0.0));
  for (std::size_t i = 0; i < u.size(); ++i) {
    const Expression& reaction = system_.components[i].reaction;
    if (is_nothing(reaction)) continue;
    evaluate_block(reaction, reaction.variables().empty() ? std::span<const BlockValues>() : given, rates);
    add_product(plain_mass_, 1, rates, out[i]);
  }
  if (convection_) convection_->add(-1, velocity(t, u), u, out);
  add_loads(t, out);
}

void ReactionDiffusion::solve(double t, const Solvers& solvers, const Values& right, Values& u) const {
  for (std::size_t i = 0; i < u.size(); ++i) {
    try {
      solvers[i]->solve(right[i], u[i]);
    } catch (const NumericsError& error) {
      throw NumericsError(system_.components[i].name + " at t = " + std::to_string(t) + ": " + error.what());
    }
  }
}

void ReactionDiffusion::solve_stage(double t, const Values& right, Values& u) {
  impose(t, u);
  solve(t, of_steps_, right, u);
}

void ReactionDiffusion::step(double t, double dt, Values& u) {
  update_solvers(dt);
  Values base, right, first, second;
  explicit_part(t, u, first);
  for (std::size_t i = 0; i < u.size(); ++i) {
    base.push_back(multiply(matrices_[i].mass, u[i]));
    right.push_back(base[i]);
    for (std::size_t k = 0; k < base[i].size(); ++k) right[i][k] += kGamma * dt * first[i][k];
  }
  Values stage = u;
  solve_stage(t + kGamma * dt, right, stage);
  explicit_part(t + kGamma * dt, stage, second);
  for (std::size_t i = 0; i < u.size(); ++i) {
    right[i] = std::move(base[i]);
    for (std::size_t k = 0; k < right[i].size(); ++k) {
      right[i][k] += dt * (kDelta * first[i][k] + (1 - kDelta) * second[i][k]);
      u[i][k] += (stage[i][k] - u[i][k]) / kGamma;  // the guess: as the first stage goes on
    }
    add_product(matrices_[i].stiffness, -dt * (1 - kGamma), stage[i], right[i]);
  }
  solve_stage(t + dt, right, u);
}

void ReactionDiffusion::check_formulas(double t, const Values& u) const {
  std::vector<Expression> formulas = system_.velocity;
  for (const auto& component : system_.components) formulas.push_back(component.reaction);
  const auto given = variables(t, u);
  std::vector<double> values(unknowns_.size());
  for (const auto& formula : formulas) {
    evaluate_block(formula, formula.variables().empty() ? std::span<const BlockValues>() : given, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i])) continue;
      std::ostringstream message;
      message << "'" << formula.text() << "' gives " << values[i] << " at (" << coordinates_[0][i] << ", "
              << coordinates_[1][i] << ", " << coordinates_[2][i] << "), t = " << t << ", where";
      for (std::size_t c = 0; c < u.size(); ++c) message << " " << system_.components[c].name << " = " << u[c][i];
      throw InputError(message.str());
    }
  }
}

}  // namespace cotan
