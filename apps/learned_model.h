#pragma once
#include <memory>
#include <string>

#include "apps/cli.h"
#include "apps/trained_on.h"
#include "gnn/checkpoint.h"

namespace cotan {

/// A checkpoint with the configuration it was trained with, placed on the device that was asked for.
struct LearnedModel {
  Checkpoint checkpoint;
  LearnedConfig config;
  Placement place;
};
LearnedModel load_learned_model(const std::string& path, const CommonArguments& common);

/// The archive at `path`, or the one the model was trained on where `path` is empty.
std::unique_ptr<Archive> open_learned_archive(const LearnedModel& learned, const std::string& path);

/// \throw InputError where a trajectory's steps or its mesh's dimension are not those the model was trained with
void require_dim(const LearnedModel& learned, int dim, const std::string& what);
/// \throw InputError for an edge set that the network reads and the graph lacks; `where` names the option
void require_edge_sets(const Model& model, const Graph& graph, const std::string& where);
/// Warns where roles and given values differ from all that the network saw in training.
void warn_of_differences(const LearnedModel& learned, const std::string& what, const std::vector<Role>& roles,
                         const GivenPoints& given);
void require_fit(const LearnedModel& learned, const LearnedTrajectory& trajectory);

}  // namespace cotan
