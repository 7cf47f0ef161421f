#pragma once
#include <string>
#include <vector>

#include "apps/learned_data.h"

namespace cotan {

/// What training will hold in memory at its peak [bytes], on the rank that needs most; estimated, not bounded.
struct MemoryNeed {
  double program = 0;   ///< what the process holds already: libraries, archive, graphs
  double data = 0;      ///< frames kept between epochs
  double network = 0;   ///< parameters, gradients, moments
  double sample = 0;    ///< activations of a step on the largest mesh
  std::string largest;  ///< whose mesh that is
  double total() const { return program + data + network + sample; }
};

/// A step on a part of the largest mesh is run and its peak scaled with points and edges. Collective.
/// \param dataset makes the windows of one trajectory as training sees them
MemoryNeed memory_need(const Model& model, const LearnedConfig& config,
                       const std::vector<LearnedTrajectory>& trajectories,
                       const std::function<DatasetPtr(const LearnedTrajectory&)>& dataset, const Comm& comm);

/// One line for the log: "memory: about 1.3 GiB (…)".
std::string to_string(const MemoryNeed& need);
/// Memory that the machine can still give [bytes]; infinite where it does not say.
double available_memory();

}  // namespace cotan
