#include <ATen/ATen.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "apps/case_mesh.h"
#include "apps/cli.h"
#include "apps/evaluation.h"
#include "apps/fields.h"
#include "apps/learned_case.h"
#include "apps/learned_model.h"
#include "apps/outputs.h"
#include "apps/progress.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"
#include "io/vtk.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

struct RolloutArguments {
  std::string model, input, output, part = "all";
  std::int64_t trajectory = 0, steps = 0;
  bool reference = false;
};

/// The frames of a result: prediction, and truth and error where there is a truth.
std::vector<HostField> result_fields(const ComparedField& field, std::size_t k, std::size_t rows, bool with_truth) {
  const std::size_t size = rows * static_cast<std::size_t>(field.spec.components);
  const auto frame = [&](const std::vector<double>& v) {
    return std::vector<double>(v.begin() + k * size, v.begin() + (k + 1) * size);
  };
  std::vector<HostField> out{{field.spec, frame(field.predicted)}};
  if (!with_truth) return out;
  HostField truth{field.spec, frame(field.truth)}, error{field.spec, frame(field.predicted)};
  truth.spec.name += "_reference";
  error.spec.name += "_error";
  for (std::size_t i = 0; i < size; ++i) error.values[i] -= truth.values[i];
  out.push_back(std::move(truth));
  out.push_back(std::move(error));
  return out;
}

HostField role_field(const std::vector<Role>& roles) {
  HostField field{{"role", 1, On::points, ""}, {}};
  for (const Role role : roles) field.values.push_back(static_cast<double>(role));
  return field;
}

/// Writes a comparison as a .pvd; frames after a blow-up are left out.
void write_comparison(const fs::path& output, const Mesh& mesh, const std::vector<Role>& roles,
                      const Comparison& result, std::size_t skip, bool with_truth) {
  claim_series(output, true);  // what stands there was looked at before the rollout
  VtkSeries series(fs::path(output).replace_extension(), mesh);
  for (std::size_t k = skip; k < result.frames() && static_cast<std::int64_t>(k) <= result.steps + 1; ++k) {
    std::vector<HostField> fields;
    for (const auto& field : result.fields) {
      for (auto& part : result_fields(field, k, result.rows, with_truth)) fields.push_back(std::move(part));
    }
    if (!roles.empty()) fields.push_back(role_field(roles));
    series.write(result.times[k], fields);
  }
}

void say_result(const RolloutArguments& arguments, const Comparison& result, bool with_truth) {
  log_info(fmt::format("{} steps, {:.2f} ms a step", result.steps, result.ms_per_step));
  if (with_truth) {
    ErrorTable table;
    table.add(result);
    for (const auto& field : table.fields()) {
      log_info(
          fmt::format("{}: relative L2 on free points {:.4g} (nothing changes {:.4g}, last change goes on {:.4g}, mean "
                      "over time {:.4g})",
                      field.spec.name, field.rows[0].relative_l2, field.rows[1].relative_l2, field.rows[2].relative_l2,
                      field.rows[3].relative_l2));
    }
  }
  if (result.end == RolloutEnd::stopped) return;
  if (result.end == RolloutEnd::not_finite) {
    throw NumericsError(fmt::format("{}: not finite after step {}, t = {} s (everything up to there is written)",
                                    arguments.output, result.steps, result.times[result.steps + 1]));
  }
  log_info("wrote " + arguments.output + ": open it in ParaView and press Apply");
}

int exit_code(const Comparison& result) {
  if (result.end != RolloutEnd::stopped) return 0;
  log_warning("interrupted; what was done is written");
  return 130;
}

int rollout_archive(const LearnedModel& learned, const RolloutArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(common.set.empty(), "--set is for a case; " << arguments.input << " is an archive");
  const auto archive = open_learned_archive(learned, arguments.input);
  const PartOfArchive part = part_of(*archive, learned.config.split, part_from(arguments.part));
  COTAN_REQUIRE(arguments.trajectory < static_cast<std::int64_t>(part.trajectories.size()),
                "--trajectory " << arguments.trajectory << ": the part '" << arguments.part << "' has "
                                << part.trajectories.size() << " trajectories (they count from 0)");
  const auto trajectory =
      load_trajectories(*archive, {part.trajectories[arguments.trajectory]}, learned.config, learned.place).front();
  require_fit(learned, trajectory);
  warn_of_differences(learned, trajectory.source.name, trajectory.roles, given_points(trajectory, learned.config));
  auto [first, last] = frame_range(part, trajectory.source.times.size());
  if (arguments.steps > 0) {
    COTAN_REQUIRE(first + 2 + arguments.steps <= last,
                  "--steps " << arguments.steps << ": the archive has " << last - first - 2
                             << " steps of truth and given values; a case goes on for as long as it says");
    last = first + 2 + arguments.steps;
  }
  const Comparison result =
      compare(learned.checkpoint.model, learned.checkpoint.dt, learned.config, trajectory, first, last);
  if (common.comm.rank() != 0) return 0;
  write_comparison(arguments.output, *trajectory.mesh, trajectory.roles, result, 1, true);
  say_result(arguments, result, true);
  return exit_code(result);
}

int rollout_case(const LearnedModel& learned, const RolloutArguments& arguments, const CommonArguments& common) {
  const Case spec = parse_case(load_config(arguments.input, common));
  const LearnedCase on_case = set_up_case(learned, spec, common.seed);
  if (common.comm.rank() == 0) {
    for (const auto& note : on_case.notes) log_info(note);
  }
  warn_of_differences(learned, arguments.input, on_case.roles, given_points(learned, on_case));
  const std::int64_t steps = arguments.steps > 0 ? arguments.steps : case_steps(learned, spec);
  const Comparison result = run_case(learned, on_case, steps, arguments.reference);
  if (common.comm.rank() != 0) return 0;
  write_comparison(arguments.output, *on_case.mesh, on_case.roles, result, 1, arguments.reference);
  say_result(arguments, result, arguments.reference);
  return exit_code(result);
}

bool is_case(const fs::path& path) {
  return !fs::is_directory(path) && (path.extension() == ".yaml" || path.extension() == ".yml") && !is_archive(path);
}

int rollout_model(const RolloutArguments& arguments, const CommonArguments& common) {
  COTAN_REQUIRE(fs::path(arguments.output).extension() == ".pvd",
                "-o " << arguments.output << ": a rollout is written as .pvd");
  if (common.comm.rank() == 0) check_series(arguments.output, common.overwrite);
  common.comm.barrier();
  const LearnedModel learned = load_learned_model(arguments.model, common);
  return is_case(arguments.input) ? rollout_case(learned, arguments, common)
                                  : rollout_archive(learned, arguments, common);
}

}  // namespace

std::function<int()> declare_rollout(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<RolloutArguments>();
  app.add_option("model", arguments->model, "checkpoint: best.safetensors of a run")->required();
  app.add_option("input", arguments->input, "case.yaml (a mesh file, its sides, an initial state), or an archive")
      ->required();
  app.add_option("-o,--output", arguments->output, "result for ParaView, a .pvd")->required();
  app.add_option("--steps", arguments->steps, "steps; 0: to the end of the case or archive")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100'000'000}))
      ->capture_default_str();
  app.add_flag("--reference", arguments->reference,
               "also run the case's solver, and write <field>_reference and <field>_error");
  app.add_option("--part", arguments->part, "of an archive: train, validation, test (of the checkpoint's split) or all")
      ->capture_default_str();
  app.add_option("--trajectory", arguments->trajectory, "of an archive: which trajectory of the part")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  declare_set(app, common);
  declare_seed(app, common);
  declare_device(app, common);
  return [arguments, &common] { return rollout_model(*arguments, common); };
}

}  // namespace cotan
