#include "gnn/simulator.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "core/check.h"
#include "integrators/methods.h"
#include "mesh/isometry.h"

namespace cotan {
namespace {

constexpr const char* kPrevious = "previous frame";

// The model's right-hand side or increment at one state; shared by the functions of the System.
struct Simulator {
  std::shared_ptr<const Model> model;
  SimulatorInput input;
  double dt;
  std::shared_ptr<const Graph> mirror_image = {};  // of the graph, where a symmetry is asked for
  std::vector<at::Tensor> prepared = {}, prepared_image = {};

  const std::vector<FieldSpec>& fields() const { return model->shape().state; }
  at::Tensor joined(const State& state) const { return columns_of(model->shape(), state); }
  State split(const at::Tensor& values) const { return fields_of(model->shape(), values); }
  at::Tensor said(const ModelInput& seen) const;              // (N, C) in its units
  at::Tensor said_of_mirrored(const ModelInput& seen) const;  // mirrored back
  // (N, C) rate or increment; the step ends at `end`
  at::Tensor predict(double t, double end, const State& fields, const at::Tensor& previous) const;
  State lift(std::span<const Frame> first) const;
  Norm norm() const;  // of its states, by their owned points, graphs and ranks
  State step(double t, double step, const State& state, const Stepping* stepping) const;
};

at::Tensor Simulator::said(const ModelInput& seen) const {
  return model->physical(model->forward(seen).to(seen.state.scalar_type()));
}

at::Tensor Simulator::said_of_mirrored(const ModelInput& seen) const {
  const Mirror& mirror = input.symmetry;
  ModelInput other{*mirror_image, input.halo, seen.t, seen.dt};
  other.state = mirrored(seen.state, mirror.state);
  other.previous = mirrored(seen.previous, mirror.state);
  other.inputs = mirrored(seen.inputs, mirror.inputs);
  other.parameters = seen.parameters;
  other.prepared = prepared_image;
  other.prescribed_mask = seen.prescribed_mask;
  other.prescribed_next = mirrored(seen.prescribed_next, mirror.state);
  return mirrored(said(other), mirror.state);
}

at::Tensor Simulator::predict(double t, double end, const State& state, const at::Tensor& previous) const {
  ModelInput seen{*input.graph, input.halo, t, dt};
  seen.state = joined(state);
  seen.previous = previous;
  if (input.inputs) seen.inputs = input.inputs(t);
  seen.parameters = input.parameters;
  seen.prepared = prepared;
  std::vector<at::Tensor> mask, next;
  for (const auto& field : fields()) {
    mask.push_back(input.prescribed.mask(field.name, state[field.name]));
    next.push_back(input.prescribed.values(field.name, end, state[field.name]));
  }
  seen.prescribed_mask = at::cat(mask, 1);
  seen.prescribed_next = at::cat(next, 1);
  return mirror_image ? 0.5 * (said(seen) + said_of_mirrored(seen)) : said(seen);
}

State Simulator::lift(std::span<const Frame> first) const {
  const std::size_t frames = 1 + model->history();
  COTAN_REQUIRE(first.size() >= frames, "the model starts from " << frames << " frames, " << first.size() << " given");
  const State state = split(joined(first.back().fields));
  if (model->history() == 0) return state;
  return state.with(kPrevious, On::points, joined(first[first.size() - 2].fields));
}

Norm Simulator::norm() const {
  Norm norm;
  for (const auto& field : fields()) {
    norm.owned[field.name] = input.graph->owned;
    norm.graph[field.name] = input.graph->graph_of_node;
  }
  norm.num_graphs = input.graph->num_graphs;
  norm.comm = input.halo.comm();
  return norm;
}

// With gradients, telling what the steps say of themselves.
State watched(const Rate& f, const std::vector<double>& times, const State& state, const Stepping& stepping) {
  const StepWatch& watch = *stepping.watch;
  Norm sizes = f.norm;
  sizes.scale = watch.scale;
  if (watch.first_only) {
    const Solution found = solve(*stepping.method, f, state, times, *stepping.tolerances, f.norm);
    watch.tell(heuristics_at(*stepping.method, f, found, 0, sizes));
    return found.last;
  }
  RegularisedSolution found = solve_regularised(stepping.method, f, state, times, *stepping.tolerances, f.norm, sizes);
  watch.tell(found.heuristics);
  return std::move(found.solution.last);
}

// Over [t, t + step] by the rate f, which imposes given values at its entry.
State integrated(const Rate& f, double t, double step, State state, const Stepping& stepping,
                 const Prescribed& prescribed) {
  if (stepping.tolerances) {
    const std::vector<double> times{t, t + step};
    if (stepping.watch) return watched(f, times, state, stepping);
    return solve(*stepping.method, f, state, times, *stepping.tolerances, f.norm).last;
  }
  const double h = step / static_cast<double>(stepping.substeps);
  for (std::int64_t k = 0; k < stepping.substeps; ++k) {
    const double start = t + static_cast<double>(k) * h;
    state = prescribed.impose(start + h, stepping.method->step(f, start, h, state).u);
  }
  return state;
}

State Simulator::step(double t, double step, const State& state, const Stepping* stepping) const {
  const at::Tensor previous = model->history() > 0 ? state[kPrevious] : at::Tensor();
  const State now = input.prescribed.impose(t, split(joined(state)));
  const auto predicted = [&](double at, const State& u) {
    return split(input.halo.to_ghosts(predict(at, t + step, input.prescribed.impose(at, u), previous)));
  };
  State next;
  if (stepping) {
    Rate rate(predicted);
    rate.norm = norm();
    if (stepping->evaluations) rate = counted(std::move(rate), stepping->evaluations);
    next = integrated(rate, t, step, now, *stepping, input.prescribed);
  } else {
    next = axpy(split(base_of(model->shape(), joined(now), previous)), 1.0, predicted(t, now));
  }
  next = input.prescribed.impose(t + step, next);
  return previous.defined() ? next.with(kPrevious, On::points, joined(now)) : next;
}

// The largest |h lambda| on the negative real axis that does not grow; of a method that is in no table nothing is
// known.
double stable_to(const Integrator& method) {
  for (const auto& row : methods()) {
    if (row.integrator.get() == &method) return row.stable_to;
  }
  return std::numeric_limits<double>::infinity();
}

std::shared_ptr<const Integrator> method_of(const Stepping& stepping) {
  return stepping.method ? stepping.method : make_integrator("euler");  // what it was trained with
}

}  // namespace

System make_simulator(std::shared_ptr<const Model> model, SimulatorInput input, double dt, const Stepping& stepping) {
  const bool is_rate = model->predicts() == Model::Predicts::rate;
  COTAN_REQUIRE(is_rate || !stepping.method, "the model predicts increments: it takes no integrator");
  COTAN_REQUIRE(model->shape().inputs.empty() || input.inputs, "the model needs input fields, none are given");
  std::optional<Stepping> by_rate;
  if (is_rate) {
    by_rate = stepping;
    by_rate->method = method_of(stepping);
  }
  const int axis = input.symmetry.axis;
  auto image = axis < 0 ? nullptr : std::make_shared<const Graph>(mirrored(*input.graph, axis));
  auto prepared = model->prepare(*input.graph, input.halo, input.parameters);
  auto prepared_image = image ? model->prepare(*image, input.halo, input.parameters) : std::vector<at::Tensor>();
  const auto simulator = std::make_shared<const Simulator>(
      Simulator{model, std::move(input), dt, std::move(image), std::move(prepared), std::move(prepared_image)});
  System system;
  system.frames = 1 + model->history();
  system.lift = [simulator](std::span<const Frame> first) { return simulator->lift(first); };
  system.step = [simulator, by_rate](double t, double step, const State& state) {
    COTAN_REQUIRE(by_rate || std::abs(step - simulator->dt) <= 1e-6 * simulator->dt,
                  "time step " << step << " s: the model was trained with " << simulator->dt
                               << " s and predicts the change over that");
    return simulator->step(t, step, state, by_rate ? &*by_rate : nullptr);
  };
  system.view = [simulator](const State& state) { return simulator->split(simulator->joined(state)); };
  return system;
}

void require_stable(const Model& model, const SimulatorInput& input, double dt, const Stepping& stepping) {
  if (model.predicts() != Model::Predicts::rate || stepping.tolerances) return;
  ModelInput seen{*input.graph, input.halo, 0, dt};
  seen.state =
      at::zeros({input.graph->num_nodes(), num_components(model.shape().state)}, input.graph->position.options());
  seen.parameters = input.parameters;
  const double stiffness = model.stiffness(seen),
               most = stiffness > 0 ? stable_to(*method_of(stepping)) / stiffness : dt;
  const double h = dt / static_cast<double>(stepping.substeps);
  COTAN_REQUIRE(h <= 1.001 * most, "steps of " << h << " s are too long: diffusion on this mesh has rates up to "
                                               << stiffness << " 1/s, with which the integrator is stable up to "
                                               << most << " s; expected substeps: " << std::ceil(dt / most)
                                               << " or more");
}

}  // namespace cotan
