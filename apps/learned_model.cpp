#include "apps/learned_model.h"

#include <cmath>

#include "core/check.h"
#include "io/safetensors.h"

namespace cotan {

LearnedModel load_learned_model(const std::string& path, const CommonArguments& common) {
  LearnedModel out;
  out.checkpoint = unpack_checkpoint(read_safetensors(path), path);
  out.config = parse_learned_config(Config::parse_text(out.checkpoint.config, path), std::filesystem::path(path).parent_path());
  out.place = placement(common.device, out.config.precision, common.comm);
  out.checkpoint.model->to(out.place.where);
  return out;
}

std::unique_ptr<Archive> open_learned_archive(const LearnedModel& learned, const std::string& path) {
  const LearnedConfig& config = learned.config;
  if (path.empty()) return open_archive(config.archive.front(), {config.archive_split, {config.archive.begin() + 1, config.archive.end()}});
  return open_archive(path, {config.archive_split, {}});
}

void require_dt(const LearnedModel& learned, const LearnedTrajectory& trajectory) {
  const double dt = trajectory.source.times[1] - trajectory.source.times[0];
  COTAN_REQUIRE(std::abs(dt - learned.checkpoint.dt) < 1e-6 * dt,
                trajectory.source.name << ": frames are " << dt << " s apart, and the model was trained with steps of "
                                       << learned.checkpoint.dt << " s");
}

}  // namespace cotan
