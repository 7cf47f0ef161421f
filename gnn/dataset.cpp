#include "gnn/dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/check.h"
#include "core/random.h"

namespace cotan {
namespace {

using Frames = std::pair<at::Tensor, at::Tensor>;  // (T, N, C) fields, (T, N, K) inputs or undefined

std::int64_t bytes_of(const Frames& frames) {
  return std::int64_t(frames.first.nbytes() + (frames.second.defined() ? frames.second.nbytes() : 0));
}

// Every `stride`-th of `count` frames from `from`.
Frames pick(const Frames& frames, std::int64_t from, std::int64_t count, std::int64_t stride) {
  const auto slice = [&](const at::Tensor& x) {
    return x.defined() ? x.slice(0, from, from + (count - 1) * stride + 1, stride) : x;
  };
  return {slice(frames.first), slice(frames.second)};
}

class Windows final : public Dataset {
 public:
  Windows(std::vector<TrajectorySource> trajectories, const WindowOptions& options)
      : trajectories_(std::move(trajectories)), options_(options), cache_(trajectories_.size()) {
    for (const auto& trajectory : trajectories_) {
      const std::int64_t frames = last(trajectory) - options.first;
      COTAN_REQUIRE(frames >= span(), trajectory.name << ": " << std::max<std::int64_t>(frames, 0) << " frames from "
                                                      << options.first << " on, a window takes " << span());
      check_times(trajectory);
      starts_.push_back(size_);
      size_ += frames - span() + 1;
    }
  }
  std::int64_t size() const override { return size_; }
  Sample get(std::int64_t index) const override;

 private:
  std::int64_t count() const { return options_.history + 1 + options_.future; }
  std::int64_t span() const { return (count() - 1) * options_.stride + 1; }  // archive frames from first to last
  std::int64_t last(const TrajectorySource& trajectory) const {
    const auto end = static_cast<std::int64_t>(trajectory.times.size());
    return options_.last < 0 ? end : std::min(options_.last, end);
  }
  void check_times(const TrajectorySource& trajectory);
  Frames read(std::size_t trajectory, std::int64_t first) const;

  std::vector<TrajectorySource> trajectories_;
  WindowOptions options_;
  std::vector<std::int64_t> starts_;  // index of each trajectory's first window
  std::int64_t size_ = 0;
  double step_ = 0;                                   // [s] between archive frames; of the first trajectory
  mutable std::vector<std::optional<Frames>> cache_;  // whole trajectories from options_.first on
  mutable std::int64_t cached_bytes_ = 0;
};

void Windows::check_times(const TrajectorySource& trajectory) {
  const auto& times = trajectory.times;
  if (step_ == 0) step_ = times[options_.first + 1] - times[options_.first];
  COTAN_REQUIRE(step_ > 0, trajectory.name << ": times do not increase from " << times[options_.first]);
  for (std::int64_t k = options_.first + 1; k < last(trajectory); ++k) {
    const double step = times[k] - times[k - 1];
    COTAN_REQUIRE(std::abs(step - step_) <= 1e-6 * step_ + 1e-13 * std::abs(times[k]),
                  trajectory.name << ": time step " << step << " before frame " << k << " (t = " << times[k]
                                  << "); expected " << step_ << " as everywhere before");
  }
}

Frames Windows::read(std::size_t trajectory, std::int64_t first) const {
  const TrajectorySource& source = trajectories_[trajectory];
  auto& cached = cache_[trajectory];
  if (!cached) {
    const Frames window = source.read(first, first + span());
    const std::int64_t frames = last(source) - options_.first;
    const std::int64_t bytes = bytes_of(window) / span() * frames;
    if (cached_bytes_ + bytes > options_.cache_bytes) return pick(window, 0, count(), options_.stride);
    cached = source.read(options_.first, last(source));
    cached_bytes_ += bytes_of(*cached);
  }
  return pick(*cached, first - options_.first, count(), options_.stride);
}

Sample Windows::get(std::int64_t index) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), index);
  const auto trajectory = static_cast<std::size_t>(after - starts_.begin() - 1);
  const TrajectorySource& source = trajectories_[trajectory];
  const std::int64_t first = options_.first + index - starts_[trajectory];
  Sample sample;
  sample.graph = source.graph;
  sample.halo = source.halo;
  for (std::int64_t k = 0; k < count(); ++k) sample.times.push_back(source.times[first + k * options_.stride]);
  sample.present = options_.history;
  std::tie(sample.frames, sample.inputs) = read(trajectory, first);
  sample.parameters = source.parameters;
  sample.fixed = source.fixed;
  sample.trajectory = source.name;
  sample.frame = source.first + (first + options_.history * options_.stride) * source.stride;
  return sample;
}

}  // namespace

DatasetPtr windows(std::vector<TrajectorySource> trajectories, const WindowOptions& options) {
  COTAN_REQUIRE(!trajectories.empty(), "no trajectory to take samples from");
  COTAN_REQUIRE(options.history >= 0 && options.future >= 1 && options.stride >= 1 && options.first >= 0,
                "window of " << options.history << " frames before and " << options.future << " after, every "
                             << options.stride << ", from frame " << options.first
                             << "; expected at least 0, 1, 1 and 0");
  return std::make_shared<Windows>(std::move(trajectories), options);
}

std::vector<std::int64_t> epoch_order(std::int64_t n, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order(n);
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const Random random(seed, purpose::shuffle, static_cast<std::uint64_t>(epoch));
  for (std::int64_t i = n - 1; i > 0; --i) {  // Fisher-Yates
    std::swap(order[i], order[random.below(static_cast<std::uint64_t>(i) + 1, static_cast<std::uint64_t>(i))]);
  }
  return order;
}

Sample batch(const std::vector<Sample>& samples) {
  COTAN_REQUIRE(!samples.empty(), "a batch of no samples");
  Sample joined = samples.front();
  std::vector<Graph> graphs;
  std::vector<at::Tensor> frames, inputs, parameters, fixed;
  for (const auto& sample : samples) {
    COTAN_REQUIRE(sample.frames.size(0) == joined.frames.size(0) && sample.present == joined.present,
                  "samples with windows of different length cannot be joined");
    COTAN_REQUIRE(sample.halo.comm().size() == 1, "samples that are shared between ranks cannot be joined");
    graphs.push_back(*sample.graph);
    frames.push_back(sample.frames);
    fixed.push_back(sample.fixed);
    if (sample.inputs.defined()) inputs.push_back(sample.inputs);
    if (sample.parameters.defined()) parameters.push_back(sample.parameters);
  }
  joined.graph = std::make_shared<Graph>(batch(std::span<const Graph>(graphs)));
  joined.frames = at::cat(frames, 1);
  joined.fixed = at::cat(fixed, 0);
  if (!inputs.empty()) joined.inputs = at::cat(inputs, 1);
  if (!parameters.empty()) joined.parameters = at::cat(parameters, 0);
  return joined;
}

}  // namespace cotan
