#include <ATen/Parallel.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "apps/case_mesh.h"
#include "apps/cli.h"
#include "apps/fields.h"
#include "apps/outputs.h"
#include "apps/progress.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "integrators/rollout.h"
#include "io/archive.h"
#include "io/vtk.h"
#include "physics/problem.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

struct SimulateArguments {
  std::string spec, output;
  std::int64_t count = 1;
  bool resume = false;
};

/// A problem set up for one draw.
struct Draw {
  std::uint64_t number;
  std::shared_ptr<const Mesh> mesh;
  std::map<std::string, double> parameters;
  ProblemSetup setup;
};

Draw set_up(const Case& spec, std::uint64_t seed, std::uint64_t number, std::shared_ptr<const Mesh> mesh) {
  Draw draw{number, std::move(mesh), draw_parameters(spec, seed, number), {}};
  std::vector<std::string> notes;
  if (!draw.mesh) draw.mesh = load_case_mesh(spec, draw.parameters, notes);
  draw.setup = find_problem(spec.problem).make({draw.mesh, spec, draw.parameters, seed, number});
  notes.insert(notes.end(), draw.setup.notes.begin(), draw.setup.notes.end());
  if (number == 0) {
    for (const auto& note : notes) log_info(note);
  }
  return draw;
}

std::vector<double> step_times(const Case& spec) {
  COTAN_REQUIRE(spec.step > 0, spec.source.where() << ": 'time' is missing (step and end [s])");
  const auto steps = static_cast<std::int64_t>(std::llround(spec.end / spec.step));
  COTAN_REQUIRE(steps >= 1 && std::abs(steps * spec.step - spec.end) < 1e-6 * spec.step * steps,
                spec.source["time"].where()
                    << ": end " << spec.end << " is not a whole number of steps of " << spec.step);
  std::vector<double> times;
  for (std::int64_t k = 0; k <= steps; ++k) times.push_back(static_cast<double>(k) * spec.step);
  return times;
}

using FrameSink = std::function<void(double t, const std::vector<HostField>&)>;

/// Runs one draw, every `every`-th frame to `sink`. Returns why it failed, or nothing.
std::optional<std::string> run_draw(const Case& spec, const Draw& draw, Progress& progress, const FrameSink& sink) {
  const auto times = step_times(spec);
  const Observer write = [&](std::int64_t k, double t, const Fields& fields) {
    if (k % spec.every == 0) {
      auto frame = host_fields(fields, draw.setup.fields);
      frame.insert(frame.end(), draw.setup.static_fields.begin(), draw.setup.static_fields.end());
      sink(t, frame);
    }
    progress.advance();
    return !interrupted();
  };
  const RolloutResult result = rollout(draw.setup.system, {&draw.setup.initial, 1}, times, {&write, 1});
  if (result.end == RolloutEnd::not_finite) {
    return "not finite after step " + std::to_string(result.steps) + ", t = " + std::to_string(result.t) + " s";
  }
  return std::nullopt;
}

std::vector<FieldSpec> all_fields(const ProblemSetup& setup) {
  std::vector<FieldSpec> specs = setup.fields;
  for (const auto& field : setup.static_fields) specs.push_back(field.spec);
  return specs;
}

int simulate_to_series(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(arguments.count == 1, "--count " << arguments.count << " writes an archive: name a folder, not a .pvd");
  claim_series(arguments.output, common.overwrite);
  const Draw draw = set_up(spec, common.seed, 0, nullptr);
  VtkSeries series(fs::path(arguments.output).replace_extension(), *draw.mesh);
  Progress progress("simulate", static_cast<std::int64_t>(step_times(spec).size()));
  const auto failure = run_draw(spec, draw, progress, [&](double t, const auto& fields) { series.write(t, fields); });
  progress.finish();
  if (interrupted()) return log_warning("interrupted; what was done is written"), 130;
  if (failure) throw NumericsError(arguments.output + ": " + *failure + " (everything up to there is written)");
  log_info("wrote " + arguments.output + ": open it in ParaView and press Apply");
  return 0;
}

/// The index a run begins with: that of an archive to resume, or a new one.
ArchiveIndex begin_archive(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  const fs::path folder = arguments.output;
  const std::string made_by = spec.source.to_yaml();
  if (arguments.resume && fs::exists(folder / "archive.yaml")) {
    ArchiveIndex index = read_archive_index(folder);
    COTAN_REQUIRE(index.made_by == made_by && index.seed == common.seed,
                  arguments.output << ": made by another case or seed (" << index.seed
                                   << "); resume with the same ones, or name a new archive");
    return index;
  }
  claim_folder(folder, common.overwrite && !arguments.resume, archive_folder());
  ArchiveIndex index;
  index.made_by = made_by;
  index.seed = common.seed;
  write_archive_index(folder, index);
  return index;
}

/// One drawn trajectory into `file`, or why it failed. A draw may be at fault by its mesh, its formulas or its numbers.
std::optional<std::string> try_draw(const Case& spec, std::uint64_t seed, std::uint64_t number,
                                    std::shared_ptr<const Mesh>& mesh, bool own_meshes, const fs::path& file,
                                    ArchiveIndex& index, Progress& progress) {
  std::optional<Draw> draw;
  try {
    draw = set_up(spec, seed, number, mesh);
  } catch (const Error& e) {
    if (index.files.empty()) throw;  // nothing has worked yet: more likely the case than the draw
    return e.what();
  }
  if (!own_meshes) mesh = draw->mesh;
  index.fields = all_fields(draw->setup);
  auto writer =
      write_trajectory(file, *draw->mesh, index.fields, {draw->setup.roles, draw->parameters, spec.source.to_yaml()});
  std::optional<std::string> failure;
  try {
    failure = run_draw(spec, *draw, progress, [&](double t, const auto& fields) { writer->append(t, fields); });
  } catch (const NumericsError& e) {
    failure = e.what();
  }
  if (!failure && !interrupted()) writer->finish();
  return failure;
}

int simulate_to_archive(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  ArchiveIndex index = begin_archive(spec, arguments, common);
  const auto wanted = static_cast<std::size_t>(arguments.count);
  std::shared_ptr<const Mesh> mesh;
  const bool own_meshes = mesh_depends_on_draw(spec);
  Progress progress(
      "simulate", static_cast<std::int64_t>(step_times(spec).size() * (wanted - std::min(wanted, index.files.size()))));
  std::size_t failures_in_a_row = 0;
  while (index.files.size() < wanted && !interrupted()) {
    const std::uint64_t number = index.files.size() + index.failures.size();
    const std::string name = trajectory_file_name(index.files.size());
    const auto failure =
        try_draw(spec, common.seed, number, mesh, own_meshes, fs::path(arguments.output) / name, index, progress);
    if (interrupted()) break;
    if (failure) {
      index.failures.push_back({number, *failure});
      log_warning("draw " + std::to_string(number) + " failed and is drawn again: " + *failure);
    } else {
      index.files.push_back(name);
    }
    write_archive_index(arguments.output, index);  // whole before and after
    failures_in_a_row = failure ? failures_in_a_row + 1 : 0;
    if (failures_in_a_row == 10) {
      throw NumericsError(arguments.output + ": ten draws in a row failed, the last " + index.failures.back().reason);
    }
  }
  progress.finish();
  if (interrupted()) return log_warning("interrupted; --resume goes on"), 130;
  log_info("wrote " + arguments.output + ": " + std::to_string(index.files.size()) + " trajectories");
  return 0;
}

}  // namespace

std::function<int()> declare_simulate(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<SimulateArguments>();
  app.add_option("case", arguments->spec, "case.yaml: mesh, problem, boundary, time")->required();
  app.add_option("-o,--output", arguments->output, "folder of the archive, or one run as a .pvd for ParaView")
      ->required();
  app.add_option("--count", arguments->count, "trajectories; parameters and initial states are drawn for each")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--resume", arguments->resume, "go on with an archive that was interrupted, or add trajectories to it");
  return [arguments, &common] {
    const Case spec = parse_case(load_config(arguments->spec, common));
    COTAN_REQUIRE(!spec.problem.empty(), arguments->spec << ": 'problem' is missing; cotan info lists the problems");
    const bool series = fs::path(arguments->output).extension() == ".pvd";
    return series ? simulate_to_series(spec, *arguments, common) : simulate_to_archive(spec, *arguments, common);
  };
}

}  // namespace cotan
