#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "gnn/model.h"
#include "gnn/trainer.h"
#include "mesh/case.h"

namespace cotan {

/// A field as the network sees it: which field of the archive it is, and which of its components.
struct SelectedField {
  FieldSpec spec;                 ///< name, components, unit for the network, checkpoints and results
  std::string from;               ///< name in the archive
  std::vector<int> components;    ///< of the archive's field
  bool has_unit = false;          ///< whether the configuration names its unit
  FieldUse learned;               ///< of a state field
  double noise = -1;              ///< deviation of its noise in training, in its unit; -1: as `train` says
  std::optional<bool> is_vector;  ///< by a mirror; unset: where it has a component for each of the mesh's dimensions
};

/// How trajectories are shared out; fractions of trajectories, or of each one's frames, in their order.
struct SplitRule {
  bool given = false;  ///< by the configuration; else an archive's own splits come first
  bool by_time = false;
  double validation = 0.1, test = 0.1;
};
enum class SplitPart { train, validation, test, all };

/// A training configuration, parsed (docs/train.md lists the keys). A checkpoint carries its text, so rollout and
/// evaluate read an archive the same way.
struct LearnedConfig {
  Config source;
  std::vector<std::filesystem::path> archive;  ///< the first, then those beside it
  std::string archive_split;                   ///< only the trajectories of this split of the archive; empty: all
  bool archive_plane = false;                  ///< an OpenFOAM case is laid into the plane
  double dt = 0;                               ///< [s] between the archive's frames; 0: its times
  std::int64_t stride = 1;                     ///< archive frames a network step
  std::vector<SelectedField> state, inputs;
  std::vector<std::string> parameters;  ///< of the archive's trajectories
  std::vector<BoundaryEntry> boundary;  ///< for archives without roles
  /// State field -> roles at whose points it is given. Nothing: where the archive's solver was given it.
  std::optional<std::map<std::string, std::vector<Role>>> prescribed;
  SplitRule split;
  Config model;                      ///< name and options
  std::filesystem::path start_from;  ///< checkpoint whose parameters and statistics training starts from; empty: none
  TrainOptions train;
  std::string precision = "float32";
  std::string symmetry = "none";         ///< axis of kMirrors along which rollouts are symmetric
  std::int64_t validation_rollouts = 2;  ///< trajectories rolled out at each validation
};

/// \param folder that relative archive paths are relative to: of the configuration, or of the checkpoint
/// \throw InputError naming line and key
LearnedConfig parse_learned_config(const Config& config, const std::filesystem::path& folder);
/// The configuration as the run folder keeps it: its paths relative to that folder, and the seed.
std::string echo_for(const LearnedConfig& config, const std::filesystem::path& run, std::uint64_t seed);
/// The first key that differs between two echoes and changes what a training computes, with both values; nothing where
/// one may resume the other. Free to change: `archive` and `start_from` (their places), train.minutes, patience,
/// validate_every, checkpoint_every.
std::optional<std::string> resume_conflict(const Config& before, const Config& now);
/// Fields without `components` take all of them, and fields without `unit` the archive's: `find` says what a field is.
void set_components(LearnedConfig& config, const std::function<FieldSpec(const SelectedField&)>& find);
/// What train.mirror does to the fields, on a mesh of that dimension. \throw InputError where it has no such axis
Mirror mirror_of(const LearnedConfig& config, int dim);
/// What `symmetry` does to them, for make_simulator. \throw InputError likewise
Mirror symmetry_of(const LearnedConfig& config, int dim);
/// What train.turn does to them. \throw InputError on a mesh of one dimension
Turn turn_of(const LearnedConfig& config, int dim);
ModelShape model_shape(const LearnedConfig& config, int dim);
/// Edge sets that the graphs of its network bring.
std::vector<std::string> edge_sets_of(const LearnedConfig& config);
std::unique_ptr<Model> make_model(const LearnedConfig& config, int dim, std::uint64_t seed);

}  // namespace cotan
