#include "apps/simulate_draws.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "apps/case_mesh.h"
#include "apps/case_start.h"
#include "apps/fields.h"
#include "core/check.h"
#include "core/log.h"
#include "integrators/rollout.h"

namespace cotan {
namespace {

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
  std::erase_if(setup.prescribed,
                [&](const auto& mask) { return !std::count(wanted.begin(), wanted.end(), mask.first); });
}

/// A formula that is not finite at some time is the draw's failure. What writers refuse (a full disk) is not.
/// The time that steps take goes to `cost`.
System watched(System system, DrawCost& cost) {
  system.step = [step = std::move(system.step), &cost](double t, double dt, const State& state) {
    const auto start = std::chrono::steady_clock::now();
    try {
      State next = step(t, dt, state);
      cost.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      ++cost.steps;
      return next;
    } catch (const InputError& e) {
      throw NumericsError(e.what());
    }
  };
  return system;
}

}  // namespace

std::vector<FieldSpec> all_fields(const ProblemSetup& setup) {
  std::vector<FieldSpec> specs = setup.fields;
  for (const auto& field : setup.static_fields) specs.push_back(field.spec);
  return specs;
}

void Draws::put_onto_output_mesh(Draw& draw, std::vector<std::string>& notes) {
  if (spec_.output_mesh.kind() == Config::Kind::null) return;
  std::shared_ptr<const Mesh> mesh = output_mesh_;
  if (!mesh) mesh = load_mesh(spec_.output_mesh, {seed_, draw.number, draw.parameters}, notes);
  if (!depends_on_draw(spec_.output_mesh, spec_)) output_mesh_ = mesh;
  const bool same = mesh == output_mesh_ && draw.mesh == mesh_;
  draw.transfer = same ? transfer_ : nullptr;
  if (!draw.transfer) {
    draw.transfer = std::make_shared<const Transfer>(*draw.mesh, *mesh,
                                                     spec_.output_nearest ? TransferBy::nearest : TransferBy::linear);
    if (draw.transfer->num_outside() > 0) {
      notes.push_back(std::to_string(draw.transfer->num_outside()) + " points of output.mesh are outside of mesh, by " +
                      std::to_string(draw.transfer->farthest()) + " m at most");
    }
  }
  if (same) transfer_ = draw.transfer;
  const Boundary boundary = resolve_boundary(*mesh, spec_.boundary);
  draw.setup.roles = boundary.roles;
  draw.setup.prescribed = prescribed_masks(prescriptions(boundary, draw.setup.fields, draw.parameters),
                                           draw.setup.fields, mesh->num_points());
  for (auto& field : draw.setup.static_fields) field = (*draw.transfer)(field);
  draw.mesh = mesh;
}

Draw Draws::set_up(std::uint64_t number) {
  if (ready_ && ready_->number == number) return *std::exchange(ready_, std::nullopt);
  Draw draw{number, mesh_, draw_parameters(spec_, seed_, number), {}, nullptr};
  std::vector<std::string> notes;
  if (!draw.mesh) draw.mesh = load_mesh(spec_.mesh, {seed_, number, draw.parameters}, notes);
  if (!depends_on_draw(spec_.mesh, spec_)) mesh_ = draw.mesh;
  draw.setup = start_case({draw.mesh, spec_, draw.parameters, seed_, number}).setup;
  put_onto_output_mesh(draw, notes);
  choose_fields(spec_.output_fields, draw.setup);
  notes.insert(notes.end(), draw.setup.notes.begin(), draw.setup.notes.end());
  if (!std::exchange(told_, true)) std::for_each(notes.begin(), notes.end(), log_info);
  return draw;
}

std::vector<ArchiveIndex::Failure> Draws::prepare(std::uint64_t number) {
  const bool varies = depends_on_draw(spec_.mesh, spec_) ||
                      std::any_of(spec_.parameters.begin(), spec_.parameters.end(),
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

bool is_steady(const Case& spec) {
  return find_problem(spec.problem).steady;
}

// A case of one frame: of a steady problem, or of one that may be asked for its steady state.
static bool has_no_time(const Case& spec) {
  return is_steady(spec) || (spec.options.has("steady") && spec.options["steady"].boolean());
}

std::vector<double> step_times(const Case& spec) {
  if (has_no_time(spec)) {
    COTAN_REQUIRE(!spec.source.has("time"), spec.source["time"].where()
                                                << ": " << spec.problem << " is steady, so a case of it has no time");
    return {0};
  }
  COTAN_REQUIRE(spec.step > 0, spec.source.where() << ": 'time' is missing (step and end [s])");
  const auto steps = static_cast<std::int64_t>(std::llround(spec.end / spec.step));
  COTAN_REQUIRE(steps >= 1 && std::abs(steps * spec.step - spec.end) < 1e-6 * spec.step * steps,
                spec.source["time"].where()
                    << ": end " << spec.end << " is not a whole number of steps of " << spec.step);
  std::vector<double> times;
  for (std::int64_t k = 0; k <= steps; ++k) times.push_back(static_cast<double>(k) * spec.step);
  return times;
}

std::size_t written_frames(const Case& spec) {
  return (step_times(spec).size() - 1) / static_cast<std::size_t>(spec.every) + 1;
}

namespace {

std::vector<HostField> frame_of(const Draw& draw, const Fields& fields) {
  auto frame = host_fields(fields, draw.setup.fields);
  if (draw.transfer) {
    for (auto& field : frame) field = (*draw.transfer)(field);
  }
  frame.insert(frame.end(), draw.setup.static_fields.begin(), draw.setup.static_fields.end());
  return frame;
}

}  // namespace

std::optional<std::string> run_draw(const Case& spec, const Draw& draw, const std::function<void()>& after_step,
                                    const FrameSink& sink, DrawCost& cost) {
  if (draw.solution) {
    cost = {1, draw.solution->seconds};
    sink(0, frame_of(draw, draw.solution->fields));
    return std::nullopt;
  }
  const auto times = step_times(spec);
  const Observer write = [&](std::int64_t k, double t, const Fields& fields) {
    if (k % spec.every == 0) sink(t, frame_of(draw, fields));
    after_step();
    return !interrupted();
  };
  try {
    const System system = watched(draw.setup.system, cost);
    const RolloutResult result = rollout(system, {&draw.setup.initial, 1}, times, {&write, 1});
    if (result.end != RolloutEnd::not_finite) return std::nullopt;
    return "not finite after step " + std::to_string(result.steps) + ", t = " + std::to_string(result.t) + " s";
  } catch (const NumericsError& e) {
    return e.what();
  }
}

std::optional<std::string> write_draw(const Case& spec, const Draw& draw, const std::filesystem::path& file,
                                      const std::function<void()>& after_step, DrawCost& cost) {
  auto writer = write_trajectory(file, *draw.mesh, all_fields(draw.setup),
                                 {draw.setup.roles, draw.parameters, spec.source.to_yaml(), draw.setup.prescribed});
  auto failure = run_draw(
      spec, draw, after_step, [&](double t, const auto& fields) { writer->append(t, fields); }, cost);
  if (!failure && !interrupted()) writer->finish();
  return failure;
}

}  // namespace cotan
