#include "physics/transport_rate.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/check.h"
#include "physics/direct.h"

namespace cotan {
namespace {

using Values = std::vector<double>;

Values numbers(const State& u) {
  const at::Tensor host = u["u"].detach().to(at::kCPU, at::kDouble).contiguous();
  return {host.data_ptr<double>(), host.data_ptr<double>() + host.numel()};
}

State state(const State& like, const Values& values) {
  return like.with("u", at::tensor(values, at::kDouble).unsqueeze(1).to(like["u"].options()));
}

class TransportRate {
 public:
  TransportRate(std::shared_ptr<const Mesh> mesh, Transport transport, std::vector<Prescription> fixed,
                std::map<std::string, double> parameters, double step)
      : mesh_(std::move(mesh)),
        transport_(std::move(transport)),
        fixed_(std::move(fixed)),
        parameters_(std::move(parameters)),
        difference_(1e-4 * step),
        pattern_(point_matrix(*mesh_)),
        is_fixed_(mesh_->num_points(), 0) {
    for (const auto& entry : fixed_) {
      for (const Index p : entry.points) is_fixed_[p] = 1;
    }
  }

  /// Those of the points given, 0 elsewhere.
  Values prescribed(double t) const {
    Values out(is_fixed_.size(), 0);
    for (const auto& entry : fixed_) {
      const auto values = evaluate({entry.value}, *mesh_, entry.points, t, parameters_, entry.where);
      for (std::size_t i = 0; i < values.size(); ++i) out[entry.points[i]] = values[i];
    }
    return out;
  }

  /// -stiffness u over the mass, where wanted; plus the load's, where wanted, with the slopes that are given.
  State slope(double t, const State& u, bool stiff, bool mild) {
    update(t);
    Values right(is_fixed_.size(), 0);
    if (mild) right = load(t);
    if (stiff) {
      const Values carried = multiply(matrices_->stiffness, numbers(u));
      for (std::size_t p = 0; p < right.size(); ++p) right[p] -= carried[p];
    }
    const Values given = mild ? given_slopes(t) : Values(is_fixed_.size(), 0);
    for (std::size_t p = 0; p < right.size(); ++p) {
      if (is_fixed_[p]) right[p] = given[p];
    }
    return state(u, mass_(right));
  }

  /// (I - gamma J)^-1 b by mass + gamma stiffness.
  StateMap shifted_inverse(double t, double gamma) {
    update(t);
    if (std::abs(gamma - gamma_) > 1e-9 * std::abs(gamma) || !shifted_) {
      shifted_ = factors(combination(1, matrices_->mass, gamma, matrices_->stiffness), t);
      gamma_ = gamma;
    }
    // of this time, whatever is evaluated before it is used
    return [this, solve = shifted_, mass = matrices_->mass](const State& b) {
      const Values values = numbers(b);
      Values right = multiply(mass, values);
      for (std::size_t p = 0; p < right.size(); ++p) {
        if (is_fixed_[p]) right[p] = values[p];
      }
      return state(b, solve(right));
    };
  }

  const std::vector<char>& is_fixed() const { return is_fixed_; }

 private:
  void update(double t) {
    if (matrices_ && (t == at_ || !transport_.matrices_depend_on_time())) return;
    matrices_ = transport_matrices(*mesh_, pattern_, transport_, t);
    mass_ = factors(matrices_->mass, t);
    shifted_ = nullptr;
    at_ = t;
  }

  Solve factors(SparseMatrix matrix, double t) const {
    set_identity_rows(matrix, is_fixed_);
    try {
      return factorise(matrix);
    } catch (const NumericsError& error) {
      throw NumericsError("advection_diffusion at t = " + std::to_string(t) + ": " + error.what());
    }
  }

  const Values& load(double t) {
    if (load_.empty() || (t != load_at_ && transport_.load_depends_on_time())) {
      load_ = transport_load(*mesh_, transport_, t);
      load_at_ = t;
    }
    return load_;
  }

  Values given_slopes(double t) const {
    Values after = prescribed(t + difference_);
    const Values before = prescribed(t - difference_);
    for (std::size_t p = 0; p < after.size(); ++p) after[p] = (after[p] - before[p]) / (2 * difference_);
    return after;
  }

  std::shared_ptr<const Mesh> mesh_;
  Transport transport_;
  std::vector<Prescription> fixed_;
  std::map<std::string, double> parameters_;
  double difference_;
  SparseMatrix pattern_;
  std::vector<char> is_fixed_;  // (points)
  std::optional<TransportMatrices> matrices_;
  Solve mass_, shifted_;  // with identity rows at prescribed points
  Values load_;
  double at_ = 0, load_at_ = 0, gamma_ = 0;
};

}  // namespace

RatedProblem transport_rate(std::shared_ptr<const Mesh> mesh, Transport transport, std::vector<Prescription> fixed,
                            std::map<std::string, double> parameters, double step) {
  const auto solver = std::make_shared<TransportRate>(std::move(mesh), std::move(transport), std::move(fixed),
                                                      std::move(parameters), step);
  const auto part = [solver](bool stiff, bool mild) {
    RatePart out{[=](double t, const State& u) { return solver->slope(t, u, stiff, mild); }};
    // the solver outlives what it hands out
    out.shifted_inverse = [solver](double t, const State&, double gamma) -> StateMap {
      return [solver, inverse = solver->shifted_inverse(t, gamma)](const State& b) { return inverse(b); };
    };
    return out;
  };
  RatedProblem out;
  out.rate.whole = part(true, true);
  out.rate.stiff = part(true, false);
  out.rate.mild = part(false, true).f;
  const auto& is_fixed = solver->is_fixed();
  if (std::none_of(is_fixed.begin(), is_fixed.end(), [](char c) { return c; })) return out;
  const at::Tensor mask = at::empty({static_cast<std::int64_t>(is_fixed.size()), 1}, at::kBool);
  std::copy(is_fixed.begin(), is_fixed.end(), mask.data_ptr<bool>());
  out.prescribed.add("u", mask,
                     [solver](double t) { return at::tensor(solver->prescribed(t), at::kDouble).unsqueeze(1); });
  return out;
}

}  // namespace cotan
