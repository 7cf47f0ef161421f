#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/cli.h"
#include "apps/error_plot.h"
#include "apps/evaluation.h"
#include "apps/learned_model.h"
#include "apps/progress.h"
#include "core/check.h"
#include "core/files.h"
#include "core/log.h"

namespace cotan {
namespace {

struct EvaluateArguments {
  std::string model, archive, part, csv, curve, plot;
};

/// Nothing where the ranks agreed to stop.
std::optional<ErrorTable> run_all(const LearnedModel& learned, const EvaluateArguments& arguments,
                                  const CommonArguments& common) {
  const auto archive = open_learned_archive(learned, arguments.archive);
  const PartOfArchive part = part_of(*archive, learned.config.split, part_from(arguments.part));
  COTAN_REQUIRE(!part.trajectories.empty() && part.first < part.last,
                "the part '" << arguments.part << "' is empty; --part takes train, validation, test or all");
  ErrorTable table;
  Progress progress("evaluate", static_cast<std::int64_t>(part.trajectories.size()));
  for (const std::size_t number : part.trajectories) {
    const auto trajectory = load_trajectories(*archive, {number}, learned.config, learned.place).front();
    require_fit(learned, trajectory);
    if (number == part.trajectories.front()) {  // the others are likely alike
      warn_of_differences(learned, trajectory.source.name, trajectory.roles, given_points(trajectory, learned.config));
    }
    const auto [first, last] = frame_range(part, trajectory.source.times.size());
    const Comparison comparison =
        compare(learned.checkpoint.model, learned.checkpoint.dt, learned.config, trajectory, first, last);
    if (common.comm.max(interrupted()) > 0) return std::nullopt;
    table.add(comparison);
    progress.advance();
  }
  progress.finish();
  return table;
}

void print_table(const ErrorTable& table, const std::string& part) {
  const std::size_t steps = table.steps;
  for (const auto& field : table.fields()) {
    fmt::print("{}{}: RMSE at 1, {} and {} steps\n", field.spec.name,
               field.spec.unit.empty() ? "" : " [" + field.spec.unit + "]", std::min<std::size_t>(50, steps), steps);
    fmt::print("  {:<22}{:>36}{:>36}{:>20}\n", "", "all points", "free points", "relative L2");
    for (const auto& row : field.rows) {
      fmt::print("  {:<22}{:>12.4g}{:>12.4g}{:>12.4g}{:>12.4g}{:>12.4g}{:>12.4g}{:>12.4g} ±{:<6.2g}\n", row.predictor,
                 row.rmse[0], row.rmse[1], row.rmse[2], row.rmse_free[0], row.rmse_free[1], row.rmse_free[2],
                 row.relative_l2, row.relative_l2_spread);
    }
  }
  const std::string evaluations =
      table.evaluations_per_step > 0 ? fmt::format(", {:.1f} evaluations of the rate", table.evaluations_per_step) : "";
  fmt::print("part: {}; {} trajectories; {:.2f} ms a step{}{}\n", part, table.trajectories, table.ms_per_step,
             evaluations, table.blown_up ? fmt::format("; {} of them blew up", table.blown_up) : "");
}

nlohmann::json as_json(const ErrorTable& table, const std::string& part) {
  const auto number = [](double x) { return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json(nullptr); };
  nlohmann::json out = {{"part", part},
                        {"trajectories", table.trajectories},
                        {"blown_up", table.blown_up},
                        {"steps", table.steps},
                        {"ms_per_step", table.ms_per_step},
                        {"evaluations_per_step", table.evaluations_per_step}};
  const auto horizons = [&](const std::array<double, 3>& rmse) {
    return nlohmann::json{{"1", number(rmse[0])},
                          {"50", table.steps >= 50 ? number(rmse[1]) : nlohmann::json(nullptr)},
                          {"all", number(rmse[2])}};
  };
  for (const auto& field : table.fields()) {
    nlohmann::json rows;
    for (const auto& row : field.rows) {
      rows[row.predictor] = {{"rmse", horizons(row.rmse)},
                             {"rmse_free", horizons(row.rmse_free)},
                             {"relative_l2", number(row.relative_l2)},
                             {"relative_l2_spread", number(row.relative_l2_spread)}};
    }
    out["fields"][field.spec.name] = {{"unit", field.spec.unit}, {"predictors", rows}};
    for (const double error : field.rows.front().curve)
      out["fields"][field.spec.name]["curve"].push_back(number(error));
    for (const double value : field.rows.front().correlation)
      out["fields"][field.spec.name]["correlation"].push_back(number(value));
  }
  return out;
}

std::string as_csv(const std::vector<FieldErrors>& fields) {
  std::string text =
      "field,predictor,rmse_1,rmse_50,rmse_all,rmse_free_1,rmse_free_50,rmse_free_all,relative_l2,relative_l2_spread\n";
  for (const auto& field : fields) {
    for (const auto& row : field.rows) {
      text += fmt::format("{},{},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g}\n", field.spec.name,
                          row.predictor, row.rmse[0], row.rmse[1], row.rmse[2], row.rmse_free[0], row.rmse_free[1],
                          row.rmse_free[2], row.relative_l2, row.relative_l2_spread);
    }
  }
  return text;
}

/// RMSE on free points at each step, a column for each predictor, and the model's correlation with the truth.
std::string curve_csv(const std::vector<FieldErrors>& fields) {
  std::string text = "field,step";
  for (const auto& row : fields.front().rows) text += "," + row.predictor;
  text += ",correlation\n";
  for (const auto& field : fields) {
    for (std::size_t k = 0; k < field.rows.front().curve.size(); ++k) {
      text += fmt::format("{},{}", field.spec.name, k + 1);
      for (const auto& row : field.rows) text += fmt::format(",{:.9g}", row.curve[k]);
      text += fmt::format(",{:.9g}\n", field.rows.front().correlation[k]);
    }
  }
  return text;
}

void write_text(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  make_parent(path);
  write_file(path, text);
}

int evaluate_model(EvaluateArguments arguments, const CommonArguments& common) {
  for (const auto& path : {arguments.csv, arguments.curve, arguments.plot}) {
    if (!path.empty() && common.comm.rank() == 0) check_output(path, common.overwrite);
  }
  if (!arguments.plot.empty()) require_plot(arguments.plot);
  const LearnedModel learned = load_learned_model(arguments.model, common);
  if (arguments.part.empty())
    arguments.part = arguments.archive.empty() ? "test" : "all";  // not on what it was trained on
  const std::optional<ErrorTable> found = run_all(learned, arguments, common);
  if (!found) return log_warning("interrupted"), 130;
  const ErrorTable& table = *found;
  if (common.comm.rank() != 0) return 0;
  if (common.json) {
    std::cout << as_json(table, arguments.part).dump(2) << '\n';
  } else {
    print_table(table, arguments.part);
  }
  write_text(arguments.csv, as_csv(table.fields()));
  write_text(arguments.curve, curve_csv(table.fields()));
  if (!arguments.plot.empty()) {
    make_parent(arguments.plot);
    plot_errors(arguments.plot, table.fields());
  }
  return 0;
}

}  // namespace

std::function<int()> declare_evaluate(CLI::App& app, CommonArguments& common) {
  auto arguments = std::make_shared<EvaluateArguments>();
  app.add_option("model", arguments->model, "checkpoint: best.safetensors of a run")->required();
  app.add_option("archive", arguments->archive, "archive with the truth; default: the one it was trained on");
  app.add_option(
      "--part", arguments->part,
      "train, validation, test (of the checkpoint's split) or all; default: test, or all of another ARCHIVE");
  app.add_option("--csv", arguments->csv, "the table as CSV");
  app.add_option("--curve", arguments->curve,
                 "the errors at each step as CSV, on free points, and the correlation with the truth");
  app.add_option("--plot", arguments->plot, "these errors as a diagram, .png or .svg (by gnuplot)");
  app.add_flag("--json", common.json, "the same facts for programs, on standard output");
  declare_device(app, common);
  return [arguments, &common] { return evaluate_model(*arguments, common); };
}

}  // namespace cotan
