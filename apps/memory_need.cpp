#include "apps/memory_need.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "gnn/peak_memory.h"

namespace cotan {
namespace {

double bytes_of_frames(const TrajectorySource& source, std::int64_t components, double bytes_of_value) {
  return static_cast<double>(source.times.size()) * static_cast<double>(source.graph->num_nodes()) *
         static_cast<double>(components) * bytes_of_value;
}

// Of /proc files such as "MemAvailable:  123 kB"; negative where there is no such line.
double kilobytes(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (double value = 0; word == key && file >> value) return value;
  }
  return -1;
}

}  // namespace

MemoryNeed memory_need(const Model& model, const LearnedConfig& config,
                       const std::vector<LearnedTrajectory>& trajectories,
                       const std::function<DatasetPtr(const LearnedTrajectory&)>& dataset, const Comm& comm) {
  const auto points = [](const LearnedTrajectory& a, const LearnedTrajectory& b) {
    return a.mesh->num_points() < b.mesh->num_points();  // the same on all ranks, unlike their shares
  };
  const auto largest = std::max_element(trajectories.begin(), trajectories.end(), points);
  MemoryNeed need;
  const Sample sample = dataset(*largest)->get(0);
  need.sample = comm.max(estimated_step_bytes(model, sample, config.train));
  need.largest = fmt::format("{}, {} points", largest->source.name, largest->mesh->num_points());
  const std::int64_t components = num_components(model.shape().state) + num_components(model.shape().inputs);
  double frames = 0;
  for (const auto& trajectory : trajectories) {
    frames += bytes_of_frames(trajectory.source, components, static_cast<double>(sample.frames.element_size()));
  }
  need.data = comm.max(std::min(frames, static_cast<double>(WindowOptions{}.cache_bytes)));
  const auto bytes_of_value = static_cast<double>(model.parameters().front().value.element_size());
  need.network = 5 * bytes_of_value * static_cast<double>(model.num_parameters());  // two gradients, two moments
  need.program = comm.max(std::max(0.0, 1024 * kilobytes("/proc/self/status", "VmRSS:")));
  return need;
}

std::string to_string(const MemoryNeed& need) {
  const auto mib = [](double bytes) { return fmt::format("{:.0f}", bytes / (1 << 20)); };
  return fmt::format(
      "memory: about {} MiB at the peak: a step on the largest mesh ({}) {}, frames {}, network {}, "
      "program and meshes {}",
      mib(need.total()), need.largest, mib(need.sample), mib(need.data), mib(need.network), mib(need.program));
}

double available_memory() {
  const double found = kilobytes("/proc/meminfo", "MemAvailable:");
  return found < 0 ? std::numeric_limits<double>::infinity() : 1024 * found;
}

}  // namespace cotan
