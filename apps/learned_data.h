#pragma once
#include <memory>
#include <vector>

#include "apps/learned_config.h"
#include "gnn/dataset.h"
#include "gnn/simulator.h"
#include "io/archive.h"

namespace cotan {

/// Where networks and their data live.
struct Placement {
  at::TensorOptions where;  ///< device and floating type
  Comm comm;                ///< ranks that share each mesh
};
Placement placement(const std::string& device, const std::string& precision, const Comm& comm);

/// One trajectory of an archive as networks see it: its graph, its frames in the configuration's fields, its given
/// values.
struct LearnedTrajectory {
  TrajectorySource source;
  std::shared_ptr<const Mesh> mesh;
  std::vector<Role> roles;  ///< (points of the mesh)
  at::Tensor fixed;         ///< (points of the mesh, C) bool on the host: given components; the source's are its rows
  at::Tensor global;        ///< (N) int64: local row -> point of the mesh
};

/// The trajectories [numbers] of an archive. Rows are this rank's share of each mesh.
/// \throw InputError for fields, parameters, roles or times that the archive lacks, naming what there is
std::vector<LearnedTrajectory> load_trajectories(const Archive& archive, const std::vector<std::size_t>& numbers,
                                                 const LearnedConfig& config, const Placement& placement);

/// Trajectory numbers of a part, and the frames [first, last) of each that it may use.
struct PartOfArchive {
  std::vector<std::size_t> trajectories;
  double first = 0, last = 1;  ///< fractions of the frames
};
/// Components of the configuration's fields as an archive has them, where the configuration does not say.
void set_components(LearnedConfig& config, const Archive& archive);

/// Frames [first, last) of a trajectory as a trajectory.
TrajectorySource frames_of(const TrajectorySource& source, std::int64_t first, std::int64_t last);

/// Where the configuration names no rule, by the archive's own splits (train, valid or validation, test) if it has
/// train and another; a part that it has no split for is empty. Else by the rule.
PartOfArchive part_of(const Archive& archive, const SplitRule& rule, SplitPart part);
SplitPart part_from(std::string_view name);  ///< \throw InputError listing the names
std::pair<std::int64_t, std::int64_t> frame_range(const PartOfArchive& part, std::size_t num_frames);

/// What a simulator needs to repeat a trajectory: its inputs and given values from the archive's frames.
SimulatorInput simulator_input(const LearnedTrajectory& trajectory, const LearnedConfig& config);
/// The frame as fields of the state.
Frame state_frame(const LearnedTrajectory& trajectory, const LearnedConfig& config, std::int64_t k);
/// The state's fields joined to (N, C), and apart again.
at::Tensor join_state(const Fields& fields, const std::vector<SelectedField>& state);

/// (N) of a mesh for a graph on this rank's share; a METIS partition where there are several ranks.
/// \param sets edge sets that the network reads beside "mesh" \param given (points of the mesh) bool: all of a point's
/// state is prescribed
std::pair<std::shared_ptr<const Graph>, HaloExchange> place_graph(const Mesh& mesh, std::span<const Role> roles,
                                                                  const Placement& placement,
                                                                  std::span<const PeriodicPair> periodic,
                                                                  std::span<const std::string> sets,
                                                                  const at::Tensor& given);

}  // namespace cotan
