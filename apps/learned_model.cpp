#include "apps/learned_model.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"
#include "core/log.h"
#include "io/displacement.h"
#include "io/foam.h"
#include "io/safetensors.h"

namespace cotan {

LearnedModel load_learned_model(const std::string& path, const CommonArguments& common) {
  LearnedModel out;
  out.checkpoint = unpack_checkpoint(read_safetensors(path), path);
  out.config =
      parse_learned_config(Config::parse_text(out.checkpoint.config, path), std::filesystem::path(path).parent_path());
  set_components(out.config, [&](const SelectedField& field) {
    const ModelShape& shape = out.checkpoint.model->shape();
    for (const auto* specs : {&shape.state, &shape.inputs}) {
      for (const auto& spec : *specs) {
        if (spec.name == field.spec.name) return spec;
      }
    }
    throw InputError(path + ": its configuration has a field '" + field.spec.name + "' that its network lacks");
  });
  out.place = placement(common.device, out.config.precision, common.comm);
  out.checkpoint.model->to(out.place.where);
  return out;
}

std::unique_ptr<Archive> open_learned_archive(const LearnedModel& learned, const std::string& path) {
  const LearnedConfig& config = learned.config;
  if (path.empty())
    return with_displacement(
        open_archive(config.archive.front(),
                     {config.archive_split, {config.archive.begin() + 1, config.archive.end()}, config.archive_plane}));
  const std::string split = std::filesystem::is_directory(path) ? config.archive_split : "";
  return with_displacement(open_archive(path, {split, {}, config.archive_plane && is_foam_archive(path)}));
}

void require_dim(const LearnedModel& learned, int dim, const std::string& what) {
  const int trained = learned.checkpoint.model->shape().dim;
  COTAN_REQUIRE(dim == trained,
                what << ": a mesh in " << dim << " dimensions, and the model was trained in " << trained);
}

void require_edge_sets(const Model& model, const Graph& graph, const std::string& where) {
  std::vector<std::string> names;
  for (const auto& set : graph.edge_sets) names.push_back(set.name);
  for (const auto& name : model.edge_sets()) {
    COTAN_REQUIRE(std::find(names.begin(), names.end(), name) != names.end(),
                  where << ": " << unknown_name("edge set", name, names));
  }
}

void warn_of_differences(const LearnedModel& learned, const std::string& what, const std::vector<Role>& roles,
                         const GivenPoints& given) {
  if (learned.checkpoint.trained_on.empty() || learned.place.comm.rank() != 0) return;
  const TrainedOn seen = parse_trained_on(learned.checkpoint.trained_on, what);
  for (const auto& difference : differences(seen, roles, given)) log_warning(what + ": " + difference);
}

void require_fit(const LearnedModel& learned, const LearnedTrajectory& trajectory) {
  require_dim(learned, trajectory.mesh->dim(), trajectory.source.name);
  require_edge_sets(*learned.checkpoint.model, *trajectory.source.graph, trajectory.source.name);
  const double dt = trajectory.source.times[1] - trajectory.source.times[0];
  COTAN_REQUIRE(std::abs(dt - learned.checkpoint.dt) < 1e-6 * dt,
                trajectory.source.name << ": frames are " << dt << " s apart, and the model was trained with steps of "
                                       << learned.checkpoint.dt << " s");
}

}  // namespace cotan
