#include "apps/learned_case.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "apps/case_mesh.h"
#include "apps/case_start.h"
#include "apps/fields.h"
#include "apps/initial_file.h"
#include "apps/progress.h"
#include "core/check.h"
#include "physics/initial.h"

namespace cotan {
namespace {

std::vector<std::string> field_names(std::span<const FieldSpec> specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

at::Tensor select_components(const at::Tensor& values, const SelectedField& field, const Case& spec) {
  const int most = *std::max_element(field.components.begin(), field.components.end());
  COTAN_REQUIRE(most < values.size(1), spec.source.where() << ": field '" << field.from << "' has " << values.size(1)
                                                           << " components here; the network takes component " << most
                                                           << " (they count from 0)");
  const std::vector<std::int64_t> columns(field.components.begin(), field.components.end());
  return values.index_select(1, at::tensor(columns, at::kLong));
}

/// A field as the case's problem has it. \throw InputError where it has none of that name
FieldSpec field_of_solver(const LearnedCase& on_case, const std::string& name) {
  std::vector<FieldSpec> there = on_case.solver->fields;
  for (const auto& field : on_case.solver->static_fields) there.push_back(field.spec);
  const auto found = std::find_if(there.begin(), there.end(), [&](const auto& spec) { return spec.name == name; });
  COTAN_REQUIRE(found != there.end(),
                on_case.spec->source.where()
                    << ": the network needs the field '" << name << "', and the problem gives "
                    << join(field_names(there))
                    << " with these options; without `problem` a case may give it under `initial`");
  return *found;
}

/// The start of a field that a case need not give: positions are the mesh's, and what is neither seen nor changed does
/// not matter. Undefined for other fields.
at::Tensor start_unsaid(const Mesh& mesh, const SelectedField& field) {
  const std::int64_t components = field.spec.components;
  if (field.learned.is_position && components == mesh.dim()) {
    return at::tensor(at::ArrayRef<double>(mesh.points().data(), mesh.points().size()), at::kDouble)
        .reshape({mesh.num_points(), components});
  }
  if (field.learned.order == 0 && field.learned.sees == Sees::nothing) {
    return at::zeros({mesh.num_points(), components}, at::kDouble);
  }
  return {};
}

/// A field's values at the points of the mesh: from the problem's start or static fields, else by the case's
/// expressions.
at::Tensor case_field(const LearnedCase& on_case, const SelectedField& selected,
                      const std::map<std::string, double>& parameters, std::uint64_t seed) {
  const Case& spec = *on_case.spec;
  if (on_case.solver) {
    field_of_solver(on_case, selected.from);
    for (const auto& there : on_case.solver->static_fields) {
      if (there.spec.name == selected.from) return select_components(tensor_of(there), selected, spec);
    }
    const Fields& start = on_case.solver->initial.fields;
    return select_components(start[selected.from].to(at::kCPU, at::kDouble), selected, spec);
  }
  if (!spec.initial.has(selected.spec.name)) {
    if (const HostField* found = on_case.initial_file ? on_case.initial_file->find(selected.spec) : nullptr)
      return tensor_of(*found);
    if (const at::Tensor known = start_unsaid(*on_case.mesh, selected); known.defined()) return known;
  }
  std::vector<std::string> there;
  for (const auto& entry : spec.initial.entries()) there.push_back(entry.first);
  if (on_case.initial_file) {
    for (const auto& name : on_case.initial_file->names()) there.push_back(name + " (of the file)");
  }
  COTAN_REQUIRE(spec.initial.has(selected.spec.name),
                spec.source.where() << ": the network needs the field '" << selected.spec.name
                                    << "', and the case gives " << join(there) << "; add it under `initial`");
  const auto values =
      initial_values(spec.initial[selected.spec.name], selected.spec, *on_case.mesh, parameters, seed, 0);
  return at::tensor(values, at::kDouble).reshape({-1, selected.spec.components});
}

/// Without a problem that knows its own, conditions are values of the network's state.
void check_conditions(const Case& spec, const std::vector<SelectedField>& state) {
  std::vector<std::string> names;
  for (const auto& field : state) names.push_back(field.spec.name);
  for (const auto& entry : spec.boundary) {
    for (const auto& [name, value] : entry.values) {
      COTAN_REQUIRE(std::count(names.begin(), names.end(), name),
                    entry.source.where() << ": " << unknown_name("condition", name, names));
    }
  }
}

at::Tensor local_rows(const at::Tensor& whole, const Graph& graph, const Placement& place) {
  return whole.index_select(0, graph.global.to(at::kCPU)).to(place.where);
}

/// Given values of one field by the case's sides, in the network's components.
std::vector<Prescription> given_values(const LearnedCase& on_case, const Boundary& boundary, const SelectedField& field,
                                       const std::map<std::string, double>& parameters) {
  if (!on_case.solver) return prescriptions(boundary, {&field.spec, 1}, parameters);
  const FieldSpec of_solver = field_of_solver(on_case, field.from);
  std::vector<Prescription> given;
  for (const auto& one : prescriptions(boundary, {&of_solver, 1}, parameters)) {
    for (std::size_t k = 0; k < field.components.size(); ++k) {
      if (field.components[k] != one.component) continue;
      given.push_back(one);
      given.back().component = static_cast<int>(k);
    }
  }
  return given;
}

/// (points, components) bool: what of a field is given.
at::Tensor mask_of(const std::vector<Prescription>& given, std::int64_t points, std::int64_t components) {
  at::Tensor mask = at::zeros({points, components}, at::kBool);
  for (const auto& one : given) {
    for (const Index p : one.points) mask[p][one.component] = true;
  }
  return mask;
}

/// (points) bool: where all components of the state are given.
at::Tensor wholly_given(const LearnedCase& on_case, const Boundary& boundary, const std::vector<SelectedField>& state,
                        const std::map<std::string, double>& parameters) {
  const std::int64_t points = on_case.mesh->num_points();
  at::Tensor all = at::ones({points}, at::kBool);
  for (const auto& field : state) {
    const auto given = given_values(on_case, boundary, field, parameters);
    all = all.logical_and(mask_of(given, points, field.spec.components).all(1));
  }
  return all;
}

/// Given values of one field as a mask and a function of time.
void prescribe(LearnedCase& on_case, const Boundary& boundary, const SelectedField& field,
               const std::map<std::string, double>& parameters, const Placement& place) {
  const std::int64_t n = on_case.mesh->num_points(), components = field.spec.components;
  const auto given = given_values(on_case, boundary, field, parameters);
  if (given.empty()) return;
  const at::Tensor mask = mask_of(given, n, components);
  const Graph& graph = *on_case.input.graph;
  const auto values = [given, parameters, n, components, mesh = on_case.mesh, &graph, place,
                       after = on_case.after](double t) {
    at::Tensor whole = at::zeros({n, components}, at::kDouble);
    for (const auto& one : given) {
      const auto at_points = evaluate({one.value}, *mesh, one.points, after + t, parameters, one.where);
      const std::vector<std::int64_t> rows(one.points.begin(), one.points.end());
      whole.select(1, one.component).index_put_({at::tensor(rows, at::kLong)}, at::tensor(at_points, at::kDouble));
    }
    return local_rows(whole, graph, place);
  };
  at::Tensor local_mask = mask.index_select(0, graph.global.to(at::kCPU)).to(place.where.device());
  on_case.input.prescribed.add(field.spec.name, local_mask, values);
}

void set_parameters(LearnedCase& on_case, const LearnedModel& learned,
                    const std::map<std::string, double>& parameters) {
  std::vector<double> values;
  std::vector<std::string> names;
  for (const auto& entry : parameters) names.push_back(entry.first);
  for (const auto& name : learned.config.parameters) {
    COTAN_REQUIRE(parameters.count(name), on_case.spec->source.where() << ": the network needs the parameter '" << name
                                                                       << "'; the case gives " << join(names));
    values.push_back(parameters.at(name));
  }
  if (!values.empty()) on_case.input.parameters = at::tensor(values, at::kDouble).unsqueeze(0).to(learned.place.where);
}

void append(std::vector<double>& to, const at::Tensor& values) {
  const auto host = host_values(values);
  to.insert(to.end(), host.begin(), host.end());
}

/// The solver at the network's times, its own steps between them.
void run_solver(const LearnedCase& on_case, const std::vector<SelectedField>& state, Comparison& result) {
  const ProblemSetup& solver = *on_case.solver;
  const double dt = result.times[2] - result.times[1];
  const auto inner = static_cast<std::int64_t>(std::llround(dt / on_case.solver_step));
  std::vector<double> times;
  const auto steps = static_cast<std::int64_t>(result.frames()) - 2;
  for (std::int64_t k = 0; k <= steps * inner; ++k)
    times.push_back(result.times[1] + static_cast<double>(k) * on_case.solver_step);
  const Observer collect = [&](std::int64_t k, double, const Fields& fields) {
    if (k % inner == 0) {
      for (std::size_t f = 0; f < state.size(); ++f) {
        append(result.fields[f].truth, select_components(fields[state[f].from], state[f], *on_case.spec));
      }
    }
    return !interrupted();
  };
  const RolloutResult run = rollout(solver.system, {&solver.initial, 1}, times, {&collect, 1});
  if (run.end == RolloutEnd::stopped) {
    result.end = RolloutEnd::stopped;
    for (auto& field : result.fields)
      field.truth.resize(field.predicted.size(), std::numeric_limits<double>::infinity());
  }
  if (run.end == RolloutEnd::not_finite) {
    throw NumericsError("the case's solver is not finite after step " + std::to_string(run.steps) +
                        ", t = " + std::to_string(run.t) + " s");
  }
}

}  // namespace

LearnedCase set_up_case(const LearnedModel& learned, const Case& spec, std::uint64_t seed) {
  LearnedCase out;
  out.spec = std::make_shared<const Case>(spec);
  const auto parameters = draw_parameters(spec, seed, 0);
  out.mesh = load_case_mesh(*out.spec, {seed, 0, parameters}, out.notes);
  require_dim(learned, out.mesh->dim(), spec.source.where());
  const Boundary boundary = resolve_boundary(*out.mesh, out.spec->boundary);
  out.roles = boundary.roles;
  if (!spec.problem.empty()) {
    COTAN_REQUIRE(!find_problem(spec.problem).steady,
                  spec.source["problem"].where() << ": " << spec.problem << " is steady: there are no steps to learn");
    CaseStart start = start_case({out.mesh, *out.spec, parameters, seed, 0});
    out.solver = std::move(start.setup);
    out.after = start.after;
    out.solver_step = spec.step;
    out.notes.insert(out.notes.end(), out.solver->notes.begin(), out.solver->notes.end());
  } else {
    COTAN_REQUIRE(!spec.initial.has("simulate"),
                  spec.initial["simulate"].where() << ": the case names no problem whose solver could make its start");
    if (spec.initial.has("from")) out.initial_file.emplace(spec.initial["from"], out.mesh);
    check_conditions(*out.spec, learned.config.state);
    if (!boundary.uncovered.empty())
      out.notes.push_back(std::to_string(boundary.uncovered.size()) + " sides that no entry of boundary names");
  }
  std::shared_ptr<const Graph> graph;
  std::tie(graph, out.input.halo) =
      place_graph(*out.mesh, out.roles, learned.place, boundary.periodic, learned.checkpoint.model->edge_sets(),
                  wholly_given(out, boundary, learned.config.state, parameters));
  out.input.graph = graph;
  out.input.symmetry = symmetry_of(learned.config, out.mesh->dim());
  std::vector<State::Entry> state;
  for (const auto& field : learned.config.state) {
    const at::Tensor values = case_field(out, field, parameters, seed);
    state.push_back({field.spec.name, On::points, local_rows(values, *graph, learned.place)});
    prescribe(out, boundary, field, parameters, learned.place);
  }
  out.initial = {0, Fields(std::move(state))};
  if (!learned.config.inputs.empty()) {
    std::vector<at::Tensor> inputs;
    for (const auto& field : learned.config.inputs)
      inputs.push_back(local_rows(case_field(out, field, parameters, seed), *graph, learned.place));
    out.input.inputs = [joined = at::cat(inputs, 1)](double) { return joined; };
  }
  set_parameters(out, learned, parameters);
  return out;
}

GivenPoints given_points(const LearnedModel& learned, const LearnedCase& on_case) {
  GivenPoints given;
  for (const auto& field : learned.config.state) {
    const at::Tensor& like = on_case.initial.fields[field.spec.name];
    const at::Tensor rows = on_case.input.prescribed.mask(field.spec.name, like).any(1, true).to(at::kDouble);
    const at::Tensor whole = gather_rows(rows, *on_case.input.graph, on_case.mesh->num_points(), learned.place.comm);
    for (const double x : host_values(whole)) given[field.spec.name].push_back(x != 0);
  }
  return given;
}

std::int64_t case_steps(const LearnedModel& learned, const Case& spec) {
  const double dt = learned.checkpoint.dt;
  COTAN_REQUIRE(spec.end > 0, spec.source.where() << ": 'time' is missing: give its end [s], or --steps");
  COTAN_REQUIRE(spec.end <= 1e8 * dt, spec.source["time"].where()
                                          << ": end " << spec.end << " s is more than 1e8 of the network's steps of "
                                          << dt << " s");
  const auto steps = static_cast<std::int64_t>(std::llround(spec.end / dt));
  COTAN_REQUIRE(steps >= 1 && std::abs(static_cast<double>(steps) * dt - spec.end) < 1e-6 * spec.end,
                spec.source["time"].where()
                    << ": end " << spec.end << " s is not a whole number of the network's steps of " << dt << " s");
  return steps;
}

Comparison run_case(const LearnedModel& learned, const LearnedCase& on_case, std::int64_t steps, bool reference) {
  const double dt = learned.checkpoint.dt;
  const Graph& graph = *on_case.input.graph;
  const std::int64_t points = on_case.mesh->num_points();
  const Comm& comm = learned.place.comm;
  COTAN_REQUIRE(learned.checkpoint.model->history() == 0,
                "the network takes two frames and a case gives one: roll it out from an archive");
  COTAN_REQUIRE(!reference || on_case.solver, "--reference: the case names no problem to solve");
  COTAN_REQUIRE(!reference || on_case.solver_step > 0, on_case.spec->source.where()
                                                           << ": --reference needs `time`: its step is the solver's");
  const double ratio = reference ? dt / on_case.solver_step : 1;
  COTAN_REQUIRE(!reference || (ratio > 0.5 && std::abs(ratio - std::round(ratio)) < 1e-6 * ratio),
                "--reference: the network's step of " << dt << " s is not a whole number of the case's steps of "
                                                      << on_case.solver_step << " s");
  Comparison out;
  out.rows = points;
  out.times.push_back(-dt);  // where a history frame would be
  for (std::int64_t k = 0; k <= steps; ++k) out.times.push_back(static_cast<double>(k) * dt);
  const GivenPoints given = given_points(learned, on_case);
  for (const auto& field : learned.config.state) {
    ComparedField compared{field.spec, {}, {}, {}};
    const at::Tensor start = gather_rows(on_case.initial.fields[field.spec.name], graph, points, comm);
    append(compared.predicted, start);
    if (reference) append(compared.truth, start);
    for (const char is_given : given.at(field.spec.name)) compared.free.push_back(!is_given);
    out.fields.push_back(std::move(compared));
  }
  require_stable(*learned.checkpoint.model, on_case.input, dt, learned.config.train.stepping);
  double seconds = 0;
  const System system =
      timed(make_simulator(learned.checkpoint.model, on_case.input, dt, learned.config.train.stepping), seconds);
  const Observer collect = [&](std::int64_t, double, const Fields& fields) {
    for (auto& field : out.fields) append(field.predicted, gather_rows(fields[field.spec.name], graph, points, comm));
    return !interrupted();
  };
  const RolloutResult result =
      rollout(system, {&on_case.initial, 1}, std::span(out.times).subspan(1), {&collect, 1}, comm);
  out.end = result.end;
  out.steps = result.steps;
  out.ms_per_step = result.steps > 0 ? 1e3 * seconds / static_cast<double>(result.steps) : 0;
  if (reference) run_solver(on_case, learned.config.state, out);
  for (auto& field : out.fields) {
    const std::size_t size = out.frames() * out.rows * field.spec.components;
    field.predicted.resize(size, std::numeric_limits<double>::infinity());
  }
  return out;
}

}  // namespace cotan
