#include "apps/evaluation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "apps/fields.h"
#include "apps/progress.h"
#include "core/check.h"
#include "mesh/metrics.h"

namespace cotan {
namespace {

/// A mean over trajectories; infinite once one of them is, not a number where there is none.
struct Mean {
  Welford welford;
  void add(double x) {
    if (!std::isfinite(x)) infinite = true;
    welford.add(std::isfinite(x) ? x : 0);
  }
  double value() const { return of(welford.mean); }
  double spread() const { return of(std::sqrt(welford.variance())); }
  double of(double x) const {
    if (welford.count == 0) return std::numeric_limits<double>::quiet_NaN();
    return infinite ? std::numeric_limits<double>::infinity() : x;
  }
  bool infinite = false;
};

struct PredictorMeans {
  std::array<Mean, 3> square, square_free;
  Mean relative;
  std::vector<Mean> curve;  // of squares
  std::vector<Mean> correlation;
};

/// Whether any point counts for errors on free points: a component of a vector may be given at every one.
bool has_free(const ComparedField& field) {
  return std::find(field.free.begin(), field.free.end(), 1) != field.free.end();
}

/// Frames from the rollout's start on: what errors are taken over.
std::span<const double> from_start(const std::vector<double>& values, std::size_t frame_size) {
  return std::span(values).subspan(frame_size);
}

void add_errors(PredictorMeans& means, const ComparedField& field, const std::vector<double>& predicted,
                std::size_t frames, std::size_t rows) {
  const auto components = static_cast<std::size_t>(field.spec.components);
  const std::size_t n = frames - 1;  // without the history frame
  const auto p = from_start(predicted, rows * components), t = from_start(field.truth, rows * components);
  const std::size_t horizons[] = {1, std::min<std::size_t>(50, n - 1), n - 1};
  for (int h = 0; h < 3; ++h) {
    const auto square = [](double x) { return x * x; };
    means.square[h].add(square(rmse(p, t, n, rows, components, horizons[h])));
    if (has_free(field)) means.square_free[h].add(square(rmse(p, t, n, rows, components, horizons[h], field.free)));
  }
  if (!has_free(field)) return;
  means.relative.add(relative_l2(p, t, n, rows, components, {}, field.free));
}

/// A trivial predictor is given what the model is given: the prescribed values.
std::vector<double> trivial(const ComparedField& field, Trivial which, std::size_t frames, std::size_t rows) {
  const auto components = static_cast<std::size_t>(field.spec.components);
  auto values = trivial_prediction(which, field.truth, frames, rows, components, 1);
  for (std::size_t k = 0; k < frames; ++k) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (field.free[i]) continue;
      const std::size_t at = (k * rows + i) * components;
      std::copy_n(field.truth.begin() + at, components, values.begin() + at);
    }
  }
  return values;
}

void add_curve(PredictorMeans& means, const ComparedField& field, const std::vector<double>& predicted,
               std::size_t frames, std::size_t rows) {
  if (!has_free(field)) return;
  const auto components = static_cast<std::size_t>(field.spec.components);
  const std::size_t size = rows * components;
  if (means.curve.size() < frames - 2) {
    means.curve.resize(frames - 2);
    means.correlation.resize(frames - 2);
  }
  for (std::size_t k = 1; k + 1 < frames; ++k) {
    const auto pair = [&](const std::vector<double>& v) { return std::span(v).subspan(k * size, 2 * size); };
    const double error = rmse(pair(predicted), pair(field.truth), 2, rows, components, 1, field.free);
    means.curve[k - 1].add(error * error);
    const auto frame = [&](const std::vector<double>& v) { return std::span(v).subspan((k + 1) * size, size); };
    means.correlation[k - 1].add(correlation(frame(predicted), frame(field.truth), components, field.free));
  }
}

Errors errors_of(std::string name, const PredictorMeans& means) {
  Errors out;
  out.predictor = std::move(name);
  for (int h = 0; h < 3; ++h) {
    out.rmse[h] = std::sqrt(means.square[h].value());
    out.rmse_free[h] = std::sqrt(means.square_free[h].value());
  }
  out.relative_l2 = means.relative.value();
  out.relative_l2_spread = means.relative.spread();
  for (const auto& mean : means.curve) out.curve.push_back(std::sqrt(mean.value()));
  for (const auto& mean : means.correlation) out.correlation.push_back(mean.value());
  return out;
}

/// The function, which adds the wall time of its calls to `seconds`.
template <class Result, class... Arguments>
std::function<Result(Arguments...)> timed(std::function<Result(Arguments...)> function, double& seconds) {
  return [function = std::move(function), &seconds](Arguments... arguments) {
    const auto start = std::chrono::steady_clock::now();
    Result result = function(arguments...);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  };
}

std::vector<char> free_rows(const at::Tensor& fixed, std::int64_t column, std::int64_t components) {
  std::vector<char> out;
  const auto given = host_values(fixed.slice(1, column, column + components).any(1, true).to(at::kDouble));
  for (const double x : given) out.push_back(x == 0);
  return out;
}

void append(std::vector<double>& to, const at::Tensor& values) {
  const auto host = host_values(values);
  to.insert(to.end(), host.begin(), host.end());
}

}  // namespace

at::Tensor gather_rows(const at::Tensor& x, const Graph& graph, std::int64_t num_points, const Comm& comm) {
  const at::Tensor owned = graph.owned.to(at::kCPU).nonzero().squeeze(1);
  const at::Tensor rows = x.detach().to(at::kCPU, at::kDouble).index_select(0, owned).contiguous();
  const at::Tensor numbers = graph.global.to(at::kCPU).index_select(0, owned).contiguous();
  std::vector<std::int64_t> sizes = x.sizes().vec();
  sizes[0] = num_points;
  at::Tensor whole = at::zeros(sizes, rows.options());
  const auto bytes = [](const at::Tensor& t) {
    return std::span(static_cast<const std::byte*>(t.const_data_ptr()), t.nbytes());
  };
  const auto all_rows = comm.all_gather(bytes(rows)), all_numbers = comm.all_gather(bytes(numbers));
  for (std::size_t r = 0; r < all_rows.size(); ++r) {
    sizes[0] = static_cast<std::int64_t>(all_numbers[r].size() / sizeof(std::int64_t));
    if (sizes[0] == 0) continue;
    at::Tensor part = at::empty(sizes, rows.options()), index = at::empty({sizes[0]}, at::kLong);
    std::memcpy(part.mutable_data_ptr(), all_rows[r].data(), all_rows[r].size());
    std::memcpy(index.mutable_data_ptr(), all_numbers[r].data(), all_numbers[r].size());
    whole.index_copy_(0, index, part);
  }
  return whole;
}

System timed(System system, double& seconds) {
  system.step = timed(std::move(system.step), seconds);
  return system;
}

Comparison compare(const std::shared_ptr<const Model>& model, double dt, const LearnedConfig& config,
                   const LearnedTrajectory& trajectory, std::int64_t first, std::int64_t last, bool stoppable) {
  COTAN_REQUIRE(last - first >= 3, trajectory.source.name
                                       << ": " << last - first
                                       << " frames; a comparison needs three (history, start, one step)");
  const auto& source = trajectory.source;
  const Comm& comm = source.halo.comm();
  const std::int64_t points = trajectory.mesh->num_points();
  Comparison out;
  out.times.assign(source.times.begin() + first, source.times.begin() + last);
  out.rows = points;
  std::int64_t column = 0;
  for (const auto& field : config.state) {
    out.fields.push_back({field.spec, {}, {}, free_rows(trajectory.fixed, column, field.spec.components)});
    column += field.spec.components;
  }
  std::vector<Frame> frames;
  for (std::int64_t k = first; k < last; ++k) {
    const Frame frame = state_frame(trajectory, config, k);
    if (k <= first + 1) frames.push_back(frame);
    for (auto& field : out.fields) {
      append(field.truth, gather_rows(frame.fields[field.spec.name], *source.graph, points, comm));
    }
  }
  const std::size_t frame_values = points;
  for (auto& field : out.fields) {  // the history frame is given
    field.predicted.assign(field.truth.begin(), field.truth.begin() + frame_values * field.spec.components);
  }
  double seconds = 0, reading = 0;  // steps ask for given values, and those come from the disk
  LearnedTrajectory given = trajectory;
  given.source.read = timed(source.read, reading);
  const SimulatorInput input = simulator_input(given, config);
  require_stable(*model, input, dt, config.train.stepping);
  Stepping stepping = config.train.stepping;
  stepping.evaluations = std::make_shared<std::int64_t>(0);
  const System system = timed(make_simulator(model, input, dt, stepping), seconds);
  const Observer collect = [&](std::int64_t, double, const Fields& fields) {
    for (auto& field : out.fields)
      append(field.predicted, gather_rows(fields[field.spec.name], *source.graph, points, comm));
    return !stoppable || !interrupted();
  };
  const std::span<const Frame> start(frames.data() + 2 - system.frames, system.frames);
  const RolloutResult result = rollout(system, start, std::span(out.times).subspan(1), {&collect, 1}, comm);
  out.end = result.end;
  out.steps = result.steps;
  out.ms_per_step = result.steps > 0 ? 1e3 * (seconds - reading) / static_cast<double>(result.steps) : 0;
  if (result.steps > 0)
    out.evaluations_per_step = static_cast<double>(*stepping.evaluations) / static_cast<double>(result.steps);
  for (auto& field : out.fields) field.predicted.resize(field.truth.size(), std::numeric_limits<double>::infinity());
  return out;
}

double mean_relative_l2(const Comparison& comparison) {
  Mean mean;
  for (const auto& field : comparison.fields) {
    const auto components = static_cast<std::size_t>(field.spec.components);
    const std::vector<double> zero(field.truth.size(), 0.0);
    const std::size_t frames = comparison.frames();
    if (!has_free(field)) continue;
    if (rmse(zero, field.truth, frames, comparison.rows, components, frames - 1, field.free) == 0) continue;
    PredictorMeans means;
    add_errors(means, field, field.predicted, frames, comparison.rows);
    mean.add(means.relative.value());
  }
  return mean.welford.count == 0 ? 0 : mean.value();
}

struct ErrorTable::FieldSums {
  FieldSpec spec;
  PredictorMeans model;
  std::array<PredictorMeans, 3> trivial;
};

ErrorTable::ErrorTable() = default;
ErrorTable::~ErrorTable() = default;
ErrorTable::ErrorTable(ErrorTable&&) noexcept = default;

void ErrorTable::add(const Comparison& comparison) {
  ms_per_step += (comparison.ms_per_step - ms_per_step) / static_cast<double>(++trajectories);
  evaluations_per_step += (comparison.evaluations_per_step - evaluations_per_step) / static_cast<double>(trajectories);
  blown_up += comparison.end == RolloutEnd::not_finite;
  steps = std::max(steps, comparison.frames() - 2);
  if (sums_.empty()) {
    for (const auto& field : comparison.fields) sums_.push_back({field.spec, {}, {}});
  }
  for (std::size_t f = 0; f < sums_.size(); ++f) {
    const ComparedField& field = comparison.fields[f];
    const auto add_all = [&](PredictorMeans& means, const std::vector<double>& predicted) {
      add_errors(means, field, predicted, comparison.frames(), comparison.rows);
      add_curve(means, field, predicted, comparison.frames(), comparison.rows);
    };
    add_all(sums_[f].model, field.predicted);
    for (int which = 0; which < 3; ++which) {
      add_all(sums_[f].trivial[which],
              trivial(field, static_cast<Trivial>(which), comparison.frames(), comparison.rows));
    }
  }
}

std::vector<FieldErrors> ErrorTable::fields() const {
  std::vector<FieldErrors> out;
  for (const auto& sums : sums_) {
    FieldErrors errors{sums.spec, {errors_of("model", sums.model)}};
    for (int which = 0; which < 3; ++which) errors.rows.push_back(errors_of(kTrivialNames[which], sums.trivial[which]));
    out.push_back(std::move(errors));
  }
  return out;
}

}  // namespace cotan
