#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "apps/cli.h"
#include "apps/outputs.h"
#include "apps/progress.h"
#include "apps/simulate_draws.h"
#include "apps/simulate_jobs.h"
#include "apps/solver_times.h"
#include "apps/steady_draws.h"
#include "core/check.h"
#include "core/log.h"
#include "io/archive.h"
#include "io/mesh_io.h"
#include "io/require.h"
#include "io/vtk.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

struct SimulateArguments {
  std::string spec, output;
  std::int64_t count = 1;
  int jobs = 1;
  bool resume = false, worker = false;
};

int simulate_to_series(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(arguments.count == 1, "--count " << arguments.count << " writes an archive: name a folder, not a .pvd");
  COTAN_REQUIRE(!arguments.resume, "--resume goes on with an archive: name a folder, not a .pvd");
  check_series(arguments.output, common.overwrite);
  Progress progress("simulate", static_cast<std::int64_t>(step_times(spec).size()));
  Draws draws(spec, common.seed);
  const Draw draw = draws_one_by_one(spec, draws)(0);
  claim_series(arguments.output, common.overwrite);
  VtkSeries series(fs::path(arguments.output).replace_extension(), *draw.mesh);
  DrawCost cost;
  const auto failure = run_draw(
      spec, draw, [&] { progress.advance(); }, [&](double t, const auto& fields) { series.write(t, fields); }, cost);
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
  index.fields = all_fields(draws.ready()->setup);
  write_archive_index(arguments.output, index);
  return index;
}

/// What an archive of so many trajectories takes, against what is free.
void say_disk_need(const Case& spec, const SimulateArguments& arguments, const Draw& draw, std::size_t wanted) {
  double values = 0;
  for (const auto& field : draw.setup.fields) values += double(draw.mesh->num_points()) * field.components;
  const double bytes = 4 * values * double(written_frames(spec)) * double(wanted);
  std::error_code failure;
  const auto space = fs::space(arguments.output, failure);
  const auto in_units = [](double b) {
    return b < 1e9 ? fmt::format("{:.1f} MB", b / 1e6) : fmt::format("{:.2f} GB", b / 1e9);
  };
  if (failure) return;
  const auto free = static_cast<double>(space.available);
  const std::string text = arguments.output + ": " + std::to_string(wanted) + " trajectories of " +
                           std::to_string(written_frames(spec)) + " frames take about " + in_units(bytes) + "; " +
                           in_units(free) + " are free";
  bytes > free ? log_warning(text) : log_info(text);
}

/// An archive that is being made: draws are settled in their order, so that it is the same however they were run.
class Production {
  static constexpr std::string_view kAside = ".part-draw-";

 public:
  Production(const SimulateArguments& arguments, ArchiveIndex& index)
      : folder_(arguments.output), wanted_(static_cast<std::size_t>(arguments.count)), index_(index), times_(folder_) {
    for (const auto& entry : fs::directory_iterator(folder_)) {  // of a killed run
      if (entry.path().filename().string().find(kAside) != std::string::npos) fs::remove(entry.path());
    }
  }

  bool complete() const { return lacking() == 0; }
  std::size_t lacking() const { return wanted_ - std::min(wanted_, index_.files.size()); }
  /// Draws that are not settled and may be begun, so that none is too many: as many as trajectories lack.
  bool may_begin(std::uint64_t draw) const { return draw < next_draw(index_) + lacking(); }
  /// Of the next trajectory.
  fs::path file() const { return folder_ / trajectory_file_name(index_.files.size()); }
  /// Where a draw is written that has no number among the trajectories yet.
  fs::path aside(std::uint64_t draw) const {
    return folder_ / (std::string(kAside) + std::to_string(draw) + ".vtkhdf");
  }

  /// The next draw in turn. \throw NumericsError after ten failures in a row
  void settle(std::uint64_t draw, const DrawOutcome& outcome) {
    if (outcome.failure) {
      note_failure(index_, {draw, *outcome.failure});
    } else {
      index_.files.push_back(file().filename().string());
      times_.add(index_.files.back(), draw, outcome.cost);
    }
    write_archive_index(folder_, index_);  // whole before and after
    failures_in_a_row_ = outcome.failure ? failures_in_a_row_ + 1 : 0;
    if (failures_in_a_row_ == kMostFailures) {
      throw NumericsError(folder_.string() + ": ten draws in a row failed, the last " + index_.failures.back().reason);
    }
  }

 private:
  fs::path folder_;
  std::size_t wanted_;
  ArchiveIndex& index_;
  SolverTimes times_;
  std::size_t failures_in_a_row_ = 0;
};

/// A draw in this process: why it failed, by its mesh, its formulas or its numbers, or what it took.
DrawOutcome try_draw(const Case& spec, const std::function<Draw()>& set_up, const fs::path& file, Progress& progress) {
  DrawOutcome outcome;
  std::optional<Draw> draw;
  try {
    draw = set_up();
  } catch (const Error& e) {
    outcome.failure = e.what();
    return outcome;
  }
  outcome.failure = write_draw(
      spec, *draw, file, [&] { progress.advance(); }, outcome.cost);
  return outcome;
}

void produce_here(const Case& spec, Draws& draws, Production& production, const ArchiveIndex& index) {
  const auto lacking = static_cast<std::int64_t>(production.lacking());
  Progress progress("simulate", static_cast<std::int64_t>(step_times(spec).size()) * lacking);
  std::optional<SteadyDraws> steady;
  if (is_steady(spec)) steady.emplace(spec, draws, [&] { progress.advance(); });
  while (!production.complete() && !interrupted()) {
    const std::uint64_t number = next_draw(index);
    const auto set_up = [&] { return steady ? steady->take(number, production.lacking()) : draws.set_up(number); };
    const DrawOutcome outcome = try_draw(spec, set_up, production.file(), progress);
    if (interrupted()) break;
    production.settle(number, outcome);
  }
  progress.finish();
  if (steady) log_info(steady->report());
}

void produce_in_parallel(const SimulateArguments& arguments, const CommonArguments& common, Production& production,
                         const ArchiveIndex& index) {
  const auto lacking = static_cast<std::int64_t>(production.lacking());
  Progress progress("simulate, trajectories", lacking);
  DrawWorkers workers(arguments.spec, common, static_cast<int>(std::min<std::int64_t>(arguments.jobs, lacking)));
  std::map<std::uint64_t, DrawOutcome> done;
  std::uint64_t next = next_draw(index);
  while (!production.complete()) {
    for (; workers.has_idle() && production.may_begin(next); ++next) workers.begin(next, production.aside(next));
    auto outcome = workers.wait();
    if (!outcome) break;
    progress.advance();
    done.insert(std::move(*outcome));
    for (auto first = done.begin(); first != done.end() && first->first == next_draw(index); first = done.begin()) {
      if (!first->second.failure) fs::rename(production.aside(first->first), production.file());
      production.settle(first->first, first->second);
      done.erase(first);
    }
  }
  progress.finish();
}

int simulate_to_archive(const Case& spec, const SimulateArguments& arguments, const CommonArguments& common) {
  require_hdf5(arguments.output);
  step_times(spec);  // refuses what is no time
  Draws draws(spec, common.seed);
  ArchiveIndex index = begin_archive(spec, arguments, common, draws);
  Production production(arguments, index);
  if (const Draw* first = draws.ready()) say_disk_need(spec, arguments, *first, production.lacking());
  if (arguments.jobs > 1 && production.lacking() > 1) {
    produce_in_parallel(arguments, common, production, index);
  } else {
    produce_here(spec, draws, production, index);
  }
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
  app.add_option("--jobs", arguments->jobs, "processes that run trajectories of an archive side by side")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app.add_flag("--worker", arguments->worker)->group("");  // one of those processes
  declare_set(app, common);
  declare_seed(app, common);
  return [arguments, &common] {
    const Case spec = parse_case(load_config(arguments->spec, common));
    if (arguments->worker) return run_worker(spec, common.seed);
    COTAN_REQUIRE(!spec.problem.empty(), arguments->spec << ": 'problem' is missing; cotan info lists the problems");
    const bool series = writes_series(spec, *arguments);
    return series ? simulate_to_series(spec, *arguments, common) : simulate_to_archive(spec, *arguments, common);
  };
}

}  // namespace cotan
