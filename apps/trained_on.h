#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "apps/learned_data.h"

namespace cotan {

/// At which points a field is given: field -> (points), 1 where any of its components is.
using GivenPoints = std::map<std::string, std::vector<char>>;
GivenPoints given_points(const LearnedTrajectory& trajectory, const LearnedConfig& config);

/// What a training saw of its archive. Checkpoints keep it, so that --resume knows the archive again and a rollout can
/// say where a mesh differs from all that the network has seen.
struct TrainedOn {
  std::uint64_t digest = 0;                      ///< of meshes, times, parameters, given components and first frames
  std::array<std::int64_t, kNumRoles> points{};  ///< by role, over trajectories
  std::map<std::string, std::array<std::int64_t, kNumRoles>> given_points{};  ///< of them, by field: where it is given
};
/// Collective; the same on any number of ranks.
TrainedOn trained_on(const std::vector<LearnedTrajectory>& trajectories, const LearnedConfig& config);

std::string to_yaml(const TrainedOn& seen);
TrainedOn parse_trained_on(const std::string& text, const std::string& source);  ///< \throw InputError

/// \throw InputError for a role under `prescribed` that no point has, with those there are
void require_roles(const TrainedOn& seen, const LearnedConfig& config);
/// A sentence for each role that training never saw, and for each field and role where values are given here and were
/// free in training, or the reverse. \param roles (points), or empty: all interior
std::vector<std::string> differences(const TrainedOn& seen, const std::vector<Role>& roles, const GivenPoints& given);

}  // namespace cotan
