#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

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
#include "io/mesh_io.h"
#include "io/require.h"
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

constexpr std::size_t kMostFailures = 10;  // draws in a row, before the case is taken to be at fault

std::vector<FieldSpec> all_fields(const ProblemSetup& setup) {
  std::vector<FieldSpec> specs = setup.fields;
  for (const auto& field : setup.static_fields) specs.push_back(field.spec);
  return specs;
}

/// A problem set up for one draw.
struct Draw {
  std::uint64_t number;
  std::shared_ptr<const Mesh> mesh;
  std::map<std::string, double> parameters;
  ProblemSetup setup;  ///< with the fields that are written
};

/// Leaves out what `output.fields` does not name.
void choose_fields(const Config& chosen, ProblemSetup& setup) {
  if (chosen.kind() == Config::Kind::null) return;
  std::vector<std::string> there, wanted;
  for (const auto& field : all_fields(setup)) there.push_back(field.name);
  for (const auto& item : chosen.items()) {
    wanted.push_back(item.text());
    COTAN_REQUIRE(std::count(there.begin(), there.end(), wanted.back()),
                  item.where() << ": " << unknown_name("field", wanted.back(), there));
  }
  const auto unwanted = [&](const FieldSpec& spec) { return !std::count(wanted.begin(), wanted.end(), spec.name); };
  std::erase_if(setup.fields, unwanted);
  std::erase_if(setup.static_fields, [&](const HostField& field) { return unwanted(field.spec); });
}

/// The draws of a case, by number. A mesh that is the same for all is made once, and notes are said once.
class Draws {
 public:
  Draws(const Case& spec, std::uint64_t seed) : spec_(spec), seed_(seed) {}

  /// \throw Error where this draw cannot be set up
  Draw set_up(std::uint64_t number) {
    if (ready_ && ready_->number == number) return *std::exchange(ready_, std::nullopt);
    Draw draw{number, mesh_, draw_parameters(spec_, seed_, number), {}};
    std::vector<std::string> notes;
    if (!draw.mesh) draw.mesh = load_case_mesh(spec_, draw.parameters, notes);
    if (!mesh_depends_on_draw(spec_)) mesh_ = draw.mesh;
    draw.setup = find_problem(spec_.problem).make({draw.mesh, spec_, draw.parameters, seed_, number});
    choose_fields(spec_.output_fields, draw.setup);
    notes.insert(notes.end(), draw.setup.notes.begin(), draw.setup.notes.end());
    if (!std::exchange(told_, true)) std::for_each(notes.begin(), notes.end(), log_info);
    return draw;
  }

  /// Sets up the first draw of a run before anything is written. Where parameters are drawn, a draw may be at fault and
  /// not the case: some are tried, and those that failed returned. \throw Error of the last where none will do
  std::vector<ArchiveIndex::Failure> prepare(std::uint64_t number) {
    const bool varies = std::any_of(spec_.parameters.begin(), spec_.parameters.end(),
                                    [](const auto& parameter) { return !parameter.second.fixed(); });
    std::vector<ArchiveIndex::Failure> failures;
    for (;; ++number) {
      try {
        ready_ = set_up(number);
        return failures;
      } catch (const Error& e) {
        failures.push_back({number, e.what()});
        if (!varies || failures.size() == kMostFailures) throw;
      }
    }
  }

 private:
  const Case& spec_;
  std::uint64_t seed_;
  std::shared_ptr<const Mesh> mesh_;
  std::optional<Draw> ready_;
  bool told_ = false;
};

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

/// A formula that is not finite at some time is the draw's failure. What writers refuse (a full disk) is not.
System failing_by_numbers(System system) {
  system.step = [step = std::move(system.step)](double t, double dt, const State& state) {
    try {
      return step(t, dt, state);
    } catch (const InputError& e) {
      throw NumericsError(e.what());
    }
  };
  return system;
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
  try {
    const System system = failing_by_numbers(draw.setup.system);
    const RolloutResult result = rollout(system, {&draw.setup.initial, 1}, times, {&write, 1});
    if (result.end != RolloutEnd::not_finite) return std::nullopt;
    return "not finite after step " + std::to_string(result.steps) + ", t = " + std::to_string(result.t) + " s";
  } catch (const NumericsError& e) {
    return e.what();
  }
}

int simulate_to_series(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(arguments.count == 1, "--count " << arguments.count << " writes an archive: name a folder, not a .pvd");
  COTAN_REQUIRE(!arguments.resume, "--resume goes on with an archive: name a folder, not a .pvd");
  check_series(arguments.output, common.overwrite);
  Progress progress("simulate", static_cast<std::int64_t>(step_times(spec).size()));
  const Draw draw = Draws(spec, common.seed).set_up(0);
  claim_series(arguments.output, common.overwrite);
  VtkSeries series(fs::path(arguments.output).replace_extension(), *draw.mesh);
  const auto failure = run_draw(spec, draw, progress, [&](double t, const auto& fields) { series.write(t, fields); });
  progress.finish();
  if (interrupted()) return log_warning("interrupted; what was done is written"), 130;
  if (failure) throw NumericsError(arguments.output + ": " + *failure + " (everything up to there is written)");
  log_info("wrote " + arguments.output + ": open it in ParaView and press Apply");
  return 0;
}

/// The index a run begins with: that of an archive to resume, or a new one. Nothing is written yet.
ArchiveIndex begin_index(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  const fs::path folder = arguments.output;
  ArchiveIndex index;
  index.made_by = spec.source.to_yaml();
  index.seed = common.seed;
  if (!arguments.resume || !fs::exists(folder / archive_folder().marker)) {
    check_folder(folder, common.overwrite && !arguments.resume, archive_folder());
    return index;
  }
  ArchiveIndex there = read_archive_index(folder);
  COTAN_REQUIRE(there.made_by == index.made_by && there.seed == index.seed,
                arguments.output << ": made by another case or seed (" << there.seed
                                 << "); resume with the same ones, or name a new archive");
  return there;
}

void note_failure(ArchiveIndex& index, ArchiveIndex::Failure failure) {
  log_warning("draw " + std::to_string(failure.draw) + " failed and is drawn again: " + failure.reason);
  index.failures.push_back(std::move(failure));
}

std::uint64_t next_draw(const ArchiveIndex& index) {
  return index.files.size() + index.failures.size();
}

/// Before anything of an earlier archive is removed, one draw is set up.
ArchiveIndex begin_archive(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common,
                           Draws& draws) {
  ArchiveIndex index = begin_index(spec, arguments, common);
  if (index.files.size() >= static_cast<std::size_t>(arguments.count)) return index;
  const auto failures = draws.prepare(next_draw(index));
  const bool goes_on = arguments.resume && fs::exists(fs::path(arguments.output) / archive_folder().marker);
  if (!goes_on) claim_folder(arguments.output, common.overwrite && !arguments.resume, archive_folder());
  for (const auto& failure : failures) note_failure(index, failure);
  write_archive_index(arguments.output, index);
  return index;
}

/// The next trajectory into `file`, or why its draw failed: by its mesh, its formulas or its numbers.
std::optional<std::string> try_draw(const Case& spec, Draws& draws, const fs::path& file, ArchiveIndex& index,
                                    Progress& progress) {
  std::optional<Draw> draw;
  try {
    draw = draws.set_up(next_draw(index));
  } catch (const Error& e) {
    return e.what();
  }
  index.fields = all_fields(draw->setup);
  auto writer = write_trajectory(file, *draw->mesh, index.fields,
                                 {draw->setup.roles, draw->parameters, spec.source.to_yaml(), draw->setup.prescribed});
  auto failure = run_draw(spec, *draw, progress, [&](double t, const auto& fields) { writer->append(t, fields); });
  if (!failure && !interrupted()) writer->finish();
  return failure;
}

int simulate_to_archive(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  require_hdf5(arguments.output);
  const std::size_t frames = step_times(spec).size();
  Draws draws(spec, common.seed);
  ArchiveIndex index = begin_archive(spec, arguments, common, draws);
  const auto wanted = static_cast<std::size_t>(arguments.count);
  Progress progress("simulate", static_cast<std::int64_t>(frames * (wanted - std::min(wanted, index.files.size()))));
  std::size_t failures_in_a_row = 0;
  while (index.files.size() < wanted && !interrupted()) {
    const std::string name = trajectory_file_name(index.files.size());
    const auto failure = try_draw(spec, draws, fs::path(arguments.output) / name, index, progress);
    if (interrupted()) break;
    if (failure) {
      note_failure(index, {next_draw(index), *failure});
    } else {
      index.files.push_back(name);
    }
    write_archive_index(arguments.output, index);  // whole before and after
    failures_in_a_row = failure ? failures_in_a_row + 1 : 0;
    if (failures_in_a_row == kMostFailures) {
      throw NumericsError(arguments.output + ": ten draws in a row failed, the last " + index.failures.back().reason);
    }
  }
  progress.finish();
  if (interrupted()) return log_warning("interrupted; --resume goes on"), 130;
  log_info("wrote " + arguments.output + ": " + std::to_string(index.files.size()) + " trajectories");
  return 0;
}

/// By OUT's ending; else by --count and --resume, which are of archives, and by the case's output.format.
bool writes_series(const Case& spec, SimulateArguments& arguments) {
  const fs::path out = arguments.output;
  if (out.extension() == ".pvd") return true;
  std::vector<std::string_view> others = {".vtkhdf", ".hdf"};
  for (const auto& format : mesh_formats()) others.push_back(format.extension);
  COTAN_REQUIRE(!std::count(others.begin(), others.end(), out.extension().string()),
                arguments.output << ": a run is written as a .pvd, or into an archive: name a folder without ending");
  if (spec.format != "pvd" || arguments.count > 1 || arguments.resume || !out.has_filename()) return false;
  arguments.output += ".pvd";
  return true;
}

}  // namespace

std::function<int()> declare_simulate(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<SimulateArguments>();
  app.add_option("case", arguments->spec, "case.yaml: mesh, problem, boundary, time")->required();
  app.add_option(
         "-o,--output", arguments->output,
         "folder of an archive, or one run as a .pvd for ParaView (without ending: by the case's output.format)")
      ->required();
  app.add_option("--count", arguments->count, "trajectories; parameters and initial states are drawn for each")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--resume", arguments->resume, "go on with an archive that was interrupted, or add trajectories to it");
  declare_set(app, common);
  declare_seed(app, common);
  return [arguments, &common] {
    const Case spec = parse_case(load_config(arguments->spec, common));
    COTAN_REQUIRE(!spec.problem.empty(), arguments->spec << ": 'problem' is missing; cotan info lists the problems");
    const bool series = writes_series(spec, *arguments);
    return series ? simulate_to_series(spec, *arguments, common) : simulate_to_archive(spec, *arguments, common);
  };
}

}  // namespace cotan
