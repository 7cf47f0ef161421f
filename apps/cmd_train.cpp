#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "apps/cli.h"
#include "apps/evaluation.h"
#include "apps/learned_data.h"
#include "apps/learned_model.h"
#include "apps/memory_need.h"
#include "apps/outputs.h"
#include "apps/progress.h"
#include "apps/trained_on.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "gnn/checkpoint.h"
#include "io/displacement.h"
#include "io/safetensors.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string config, run;
  bool resume = false;
};

/// A training set up: data, model, where it stood.
struct Training {
  LearnedConfig config;
  std::vector<LearnedTrajectory> training, validation;
  PartOfArchive training_part, validation_part;
  Checkpoint checkpoint;  // model, dt, state
};

WindowOptions window_options(const LearnedConfig& config, const Model& model) {
  WindowOptions options;
  options.history = model.history();
  options.future = static_cast<int>(config.train.unroll);
  return options;
}

DatasetPtr dataset(const std::vector<LearnedTrajectory>& trajectories, const PartOfArchive& part,
                   const WindowOptions& options) {
  std::vector<TrajectorySource> sources;
  for (const auto& trajectory : trajectories) {
    const auto [first, last] = frame_range(part, trajectory.source.times.size());
    sources.push_back(frames_of(trajectory.source, first, last));
  }
  return windows(std::move(sources), options);
}

/// The configuration's seed, else the command's.
std::uint64_t seed_of(const LearnedConfig& config, const CommonArguments& common) {
  return config.source.has("seed") ? static_cast<std::uint64_t>(config.source["seed"].integer()) : common.seed;
}

std::string one_line(const std::string& yaml) {
  std::string line;
  for (const char c : yaml) line += c == '\n' ? std::string(", ") : std::string(1, c);
  return line.ends_with(", ") ? line.substr(0, line.size() - 2) : line;
}

/// The dimension, fields and parameters of a network with what it does with them, for messages and comparison.
std::string fields_of(const ModelShape& shape) {
  std::string text = fmt::format("{}-D", shape.dim);
  const auto add = [&text](const std::string& word) { text += ", " + word; };
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const FieldUse use = shape.use(f);
    add(fmt::format("{} ({} components, order {}, sees {}{})", shape.state[f].name, shape.state[f].components,
                    use.order, kSeesNames[static_cast<std::size_t>(use.sees)], use.is_position ? ", position" : ""));
  }
  for (const auto& input : shape.inputs) add(fmt::format("{} (input, {} components)", input.name, input.components));
  for (const auto& parameter : shape.parameters) add(parameter + " (parameter)");
  return text;
}

/// A fresh model for that data.
Checkpoint fresh(const LearnedConfig& config, const LearnedTrajectory& data, std::uint64_t seed) {
  Checkpoint checkpoint;
  checkpoint.model_name = config.model.at("name").text();
  checkpoint.model = make_model(config, data.mesh->dim(), seed);
  checkpoint.dt = data.source.times[1] - data.source.times[0];
  return checkpoint;
}

/// Parameters and statistics of the network that `start_from` names: training goes on from them, on other data or with
/// another loss.
void start_from(Checkpoint& checkpoint, const LearnedConfig& config) {
  const std::string path = config.start_from.string(), where = config.source["start_from"].where() + ": " + path;
  const Checkpoint start = unpack_checkpoint(read_safetensors(path), path);
  COTAN_REQUIRE(start.model_name == checkpoint.model_name && start.model->echo() == checkpoint.model->echo(),
                where << ": is another network; found\n  " << start.model_name << ": " << one_line(start.model->echo())
                      << "\nexpected\n  " << checkpoint.model_name << ": " << one_line(checkpoint.model->echo()));
  const std::string there = fields_of(start.model->shape()), here = fields_of(checkpoint.model->shape());
  COTAN_REQUIRE(there == here, where << ": sees other fields or parameters; found " << there << ", expected " << here);
  COTAN_REQUIRE(std::abs(start.dt - checkpoint.dt) < 1e-6 * checkpoint.dt,
                where << ": was trained with steps of " << start.dt << " s, and the frames here are " << checkpoint.dt
                      << " s apart");
  const at::NoGradGuard no_gradients;
  for (const auto list : {&Model::parameters, &Model::buffers}) {
    const auto from = (*start.model.*list)(), to = (*checkpoint.model.*list)();
    for (std::size_t i = 0; i < to.size(); ++i) to[i].value.copy_(from[i].value);
  }
  checkpoint.state.statistics_done = true;
}

/// What an interrupted run left, if it was the same training: it goes on to the numbers it would have reached.
Checkpoint resumed(const fs::path& last, const std::string& config, const TrainedOn& seen) {
  Checkpoint checkpoint = unpack_checkpoint(read_safetensors(last), last.string());
  const auto conflict =
      resume_conflict(Config::parse_text(checkpoint.config, last.string()), Config::parse_text(config));
  COTAN_REQUIRE(!conflict, last.string() << ": was trained with another configuration: " << *conflict
                                         << "; resume with the same one, or name a new run");
  COTAN_REQUIRE(
      checkpoint.trained_on.empty() || parse_trained_on(checkpoint.trained_on, last.string()).digest == seen.digest,
      last.string() << ": was trained on another archive (other meshes, times, parameters, given values or first "
                       "frames); resume with the same one, or name a new run");
  return checkpoint;
}

/// A fresh model, or the one that an interrupted run left in its folder.
Checkpoint begin(const LearnedConfig& config, const TrainArguments& arguments, const CommonArguments& common,
                 const std::vector<LearnedTrajectory>& data) {
  const fs::path last = fs::path(arguments.run) / "last.safetensors";
  const std::uint64_t seed = seed_of(config, common);
  const std::string echo = echo_for(config, arguments.run, seed);
  const TrainedOn seen = trained_on(data, config);
  require_roles(seen, config);
  const bool goes_on = arguments.resume && fs::exists(last);
  Checkpoint checkpoint = goes_on ? resumed(last, echo, seen) : fresh(config, data.front(), seed);
  if (!goes_on && !config.start_from.empty()) start_from(checkpoint, config);
  if (goes_on && checkpoint.state.best >= 0 && !fs::exists(fs::path(arguments.run) / "best.safetensors")) {
    log_warning(arguments.run + ": best.safetensors is gone; the best from here on is kept");
    checkpoint.state.best = -1;
    checkpoint.state.stale = 0;
  }
  checkpoint.config = echo;
  checkpoint.trained_on = to_yaml(seen);
  require_edge_sets(*checkpoint.model, *data.front().source.graph, config.model["edge_sets"].where());
  return checkpoint;
}

Training set_up(const TrainArguments& arguments, const CommonArguments& common) {
  Training run;
  run.config = parse_learned_config(load_config(arguments.config, common), fs::path(arguments.config).parent_path());
  const LearnedConfig& config = run.config;
  const Placement where = placement(common.device, config.precision, common.comm);
  const ArchiveOptions options{
      config.archive_split, {config.archive.begin() + 1, config.archive.end()}, config.archive_plane};
  const auto archive = with_displacement(open_archive(config.archive.front(), options));
  set_components(run.config, *archive);
  run.training_part = part_of(*archive, config.split, SplitPart::train);
  run.validation_part = part_of(*archive, config.split, SplitPart::validation);
  run.training = load_trajectories(*archive, run.training_part.trajectories, config, where);
  auto numbers = run.validation_part.trajectories;
  numbers.resize(std::min<std::size_t>(numbers.size(), config.validation_rollouts));
  if (run.validation_part.first < run.validation_part.last)
    run.validation = load_trajectories(*archive, numbers, config, where);
  for (const auto& trajectory : run.validation) {
    const auto [first, last] = frame_range(run.validation_part, trajectory.source.times.size());
    COTAN_REQUIRE(last - first >= 3, trajectory.source.name
                                         << ": split.validation leaves " << last - first
                                         << " frames to roll out; at least three are needed, or split.validation: 0");
  }
  const int dim = run.training.front().mesh->dim();
  run.config.train.reflection = mirror_of(config, dim);
  run.config.train.rotation = turn_of(config, dim);
  symmetry_of(config, dim);  // an axis that is not there is refused now, not by the first rollout
  run.checkpoint = begin(config, arguments, common, run.training);
  run.checkpoint.model->to(where.where);
  return run;
}

/// Mean over validation trajectories of the relative L2 error on free points, in rollouts of the validation frames.
/// Ctrl-C waits for its end: a step whose validation was cut would be missing in the run that goes on.
Validation validation_of(const Training& run) {
  if (run.validation.empty()) return {};
  return [&run](const Model& model) {
    double sum = 0;
    for (const auto& trajectory : run.validation) {
      const auto [first, last] = frame_range(run.validation_part, trajectory.source.times.size());
      // The model is borrowed for the length of this call.
      const std::shared_ptr<const Model> borrowed(std::shared_ptr<const Model>(), &model);
      sum += mean_relative_l2(compare(borrowed, run.checkpoint.dt, run.config, trajectory, first, last,
                                      /*stoppable=*/false));
    }
    return sum / static_cast<double>(run.validation.size());
  };
}

void save(const fs::path& path, const Checkpoint& checkpoint, bool with_state, const Comm& comm) {
  if (comm.rank() == 0) write_safetensors(path, pack_checkpoint(checkpoint, with_state));
}

/// One line of metrics.jsonl: a step that validated or was saved.
std::string metrics_line(const TrainReport& report) {
  const std::string validation =
      report.validation >= 0 && std::isfinite(report.validation) ? fmt::format("{:.9g}", report.validation) : "null";
  return fmt::format(R"({{"step": {}, "loss": {:.9g}, "validation": {}, "learning_rate": {:.6g}, "seconds": {:.3f}}})",
                     report.step, report.loss, validation, report.learning_rate, report.seconds) +
         '\n';
}

void append_line(const fs::path& path, const std::string& line) {
  std::ofstream file(path, std::ios::app);
  file << line << std::flush;
  COTAN_REQUIRE(file, "cannot write " << path.string() << ": " << std::strerror(errno));
}

/// Keeps the lines up to the step that a run resumes at: later ones come again. One that was cut short is dropped too.
void cut_metrics(const fs::path& path, std::int64_t step) {
  if (!fs::exists(path)) return;
  std::istringstream lines(read_file(path));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (entry.is_object() && entry.contains("step") && entry["step"].is_number_integer() && entry["step"] <= step)
      kept += line + '\n';
  }
  write_file(path, kept);
}

/// The order is what a kill between two writes needs: the checkpoint comes last, so what it does not know of comes
/// again. The first step is saved, so that there is no best without a last.
TrainHook save_and_report(Training& run, const fs::path& folder, const Comm& comm, Progress& progress) {
  return [&run, folder, &comm, &progress](const TrainReport& report, const TrainState& state) {
    progress.advance(fmt::format("loss {:.3g}", report.loss));
    const bool validated = !(report.validation < 0);  // NaN is a validation that failed
    if (validated) {
      log_info(fmt::format("step {}  loss {:.4g}  validation {:.4g}{}", report.step, report.loss, report.validation,
                           report.is_best ? "  (best)" : ""));
    }
    if ((report.checkpoint || validated) && comm.rank() == 0)
      append_line(folder / "metrics.jsonl", metrics_line(report));
    constexpr std::int64_t kStandsStill = 10;
    if (validated && state.stale == kStandsStill) {
      log_warning(fmt::format("no better validation for {} in turn: learning stands still", kStandsStill));
    }
    if (report.is_out_of_patience) log_info(fmt::format("step {}: ends, train.patience is used up", report.step));
    run.checkpoint.state = state;
    if (report.is_best) save(folder / "best.safetensors", run.checkpoint, false, comm);
    const bool stop = comm.max(interrupted()) > 0;
    if (report.checkpoint || stop || report.step == 1) save(folder / "last.safetensors", run.checkpoint, true, comm);
    return !stop;
  };
}

/// Made only when there is something to write: data that cannot be trained on leave an older run as it was.
void begin_folder(const fs::path& folder, const TrainArguments& arguments, const CommonArguments& common,
                  const Training& run) {
  if (common.comm.rank() != 0) return;
  const bool last = fs::exists(folder / "last.safetensors"), best = fs::exists(folder / "best.safetensors");
  COTAN_REQUIRE(!arguments.resume || last || !best,
                folder.string() << ": has a best.safetensors but no last.safetensors to go on from; give another name, "
                                   "or --overwrite without --resume to start anew");
  // A run may have been stopped before its first checkpoint: then there is nothing to lose.
  const bool goes_on = arguments.resume && (last || is_ours(folder, run_folder()));
  if (!goes_on) claim_folder(folder, common.overwrite && !arguments.resume, run_folder());
  if (goes_on) cut_metrics(folder / "metrics.jsonl", last ? run.checkpoint.state.step : 0);
  const fs::path echo = folder / run_folder().marker;
  if (fs::exists(echo) && !is_ours(folder, run_folder())) return;  // somebody else's
  try {
    write_file(echo, std::string(run_folder().heading) + "\n" + run.checkpoint.config);
  } catch (const InputError&) {  // no room: an empty folder would stay
    std::error_code ignored;
    if (!goes_on) fs::remove(folder, ignored);
    throw;
  }
}

/// A run without a validation that stayed finite ends with its last state as the best.
void finish_run(const Training& run, const fs::path& folder, const Comm& comm) {
  save(folder / "last.safetensors", run.checkpoint, true, comm);
  if (run.checkpoint.state.best >= 0) return;
  if (!run.validation.empty())
    log_warning("no validation rollout is known to have stayed finite: best.safetensors is the last state");
  save(folder / "best.safetensors", run.checkpoint, false, comm);
}

/// Trains, and leaves in `run` what was reached, also where the numbers fail. `begin` makes the folder before anything
/// is written there.
void train_to_the_end(Training& run, const Dataset& data, const fs::path& folder, const CommonArguments& common,
                      Progress& progress, const std::function<void()>& begin) {
  TrainState state = run.checkpoint.state;
  const TrainHook save_step = save_and_report(run, folder, common.comm, progress);
  const auto hook = [&](const TrainReport& report, const TrainState& now) { return begin(), save_step(report, now); };
  try {
    train(*run.checkpoint.model, data, validation_of(run), run.config.train, seed_of(run.config, common), state, hook,
          common.comm);
  } catch (const NumericsError& failure) {
    run.checkpoint.state = state;
    begin();
    save(folder / "last.safetensors", run.checkpoint, true, common.comm);
    throw NumericsError(failure.what() + ("; the state before it is in " + (folder / "last.safetensors").string()));
  }
  run.checkpoint.state = state;
}

/// Before hours are spent. A warning and no refusal: the figure is an estimate, and others' memory comes and goes.
void say_memory(const Training& run, const Comm& comm) {
  const auto windows_of = [&](const LearnedTrajectory& trajectory) {
    return dataset({trajectory}, run.training_part, window_options(run.config, *run.checkpoint.model));
  };
  const MemoryNeed need = memory_need(*run.checkpoint.model, run.config, run.training, windows_of, comm);
  log_info(to_string(need));
  const double free = available_memory(), wanted = (need.total() - need.program) * comm.size();
  if (wanted > free && !run.training.front().source.graph->position.is_cuda()) {
    log_warning(
        fmt::format("that is more than the {:.0f} MiB that are free here; a smaller width, unroll or mesh needs "
                    "less, and so does recompute: true under model",
                    free / (1 << 20)));
  }
}

int train_run(const TrainArguments& arguments, const CommonArguments& common) {
  if (!arguments.resume && common.comm.rank() == 0) check_folder(arguments.run, common.overwrite, run_folder());
  Training run = set_up(arguments, common);
  const fs::path folder = arguments.run;
  const Model& model = *run.checkpoint.model;
  const DatasetPtr data = dataset(run.training, run.training_part, window_options(run.config, model));
  check_training(model, *data, run.config.train, run.checkpoint.state);
  for (const auto& trajectory : run.training)
    require_stable(model, simulator_input(trajectory, run.config), run.checkpoint.dt, run.config.train.stepping);
  log_info(fmt::format("{} parameters, {} samples, {} steps to go", model.num_parameters(), data->size(),
                       run.config.train.steps - run.checkpoint.state.step));
  say_memory(run, common.comm);
  Progress progress("train", run.config.train.steps - run.checkpoint.state.step);
  bool begun = false;
  const auto begin = [&] {
    if (!std::exchange(begun, true)) begin_folder(folder, arguments, common, run);
  };
  train_to_the_end(run, *data, folder, common, progress, begin);
  progress.finish();
  begin();  // where no step was left
  if (common.comm.max(interrupted()) > 0) return log_warning("interrupted; --resume goes on"), 130;
  finish_run(run, folder, common.comm);
  log_info("wrote " + (folder / "best.safetensors").string());
  return 0;
}

}  // namespace

std::function<int()> declare_train(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<TrainArguments>();
  app.add_option("config", arguments->config, "train.yaml: archive, fields, model, train")->required();
  app.add_option("-o,--output", arguments->run, "run folder: checkpoints, metrics.jsonl, config.yaml")
      ->default_str("runs/train")
      ->default_val("runs/train");
  app.add_flag("--resume", arguments->resume, "go on from the folder's last checkpoint, if there is one");
  declare_set(app, common);
  declare_seed(app, common);
  declare_device(app, common);
  return [arguments, &common] { return train_run(*arguments, common); };
}

}  // namespace cotan
