#include "gnn/loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/check.h"

namespace cotan {

namespace {

// The frame before `at`: the rollout's own where it has one, undefined where the model has no history.
at::Tensor previous_of(const Model& model, const Sample& sample, int at, const at::Tensor& previous) {
  if (model.history() == 0) return {};
  return previous.defined() ? previous : sample.frames[at - 1];
}

}  // namespace

ModelInput model_input(const Model& model, const Sample& sample, int at, const at::Tensor& state,
                       const at::Tensor& previous) {
  ModelInput input{*sample.graph, sample.halo, sample.times[at], sample.dt()};
  input.state = state;
  input.previous = previous_of(model, sample, at, previous);
  if (sample.inputs.defined()) input.inputs = sample.inputs[at];
  input.parameters = sample.parameters;
  input.prescribed_mask = sample.fixed;
  input.prescribed_next = at::where(sample.fixed, sample.frames[at + 1], 0);
  return input;
}

at::Tensor target_of(const Model& model, const Sample& sample, int at, const at::Tensor& state, const at::Tensor& kept,
                     const at::Tensor& previous) {
  at::Tensor change = sample.frames[at + 1] - base_of(model.shape(), state, previous_of(model, sample, at, previous));
  if (kept.defined()) change = change + kept;
  return model.predicts() == Model::Predicts::rate ? change / sample.dt() : change;
}

at::Tensor predicted_entries(const Sample& sample) {
  return sample.fixed.logical_not().logical_and(sample.graph->owned.unsqueeze(1));
}

at::Tensor squared_error(const Model& model, const Sample& sample, std::int64_t unroll, const at::Tensor& noise,
                         double correction) {
  COTAN_ASSERT(sample.present + unroll < sample.frames.size(0));
  const at::Tensor entries = predicted_entries(sample);
  const double length = model.predicts() == Model::Predicts::rate ? sample.dt() : 1.0;
  at::Tensor state = sample.frames[sample.present], previous, kept, total;
  if (noise.defined()) {
    state = state + noise;
    kept = noise * (1 - correction);
  }
  for (int k = 0; k < unroll; ++k) {
    const int at = sample.present + k;
    const at::Tensor predicted = model.forward(model_input(model, sample, at, state, previous));
    const at::Tensor target = target_of(model, sample, at, state, k == 0 ? kept : at::Tensor(), previous);
    const at::Tensor error = predicted - model.normalise_target(target).to(predicted.scalar_type());
    const at::Tensor squares = at::where(entries, error, 0).square().sum();
    total = total.defined() ? total + squares : squares;
    if (k + 1 == unroll) break;
    const at::Tensor base = base_of(model.shape(), state, previous_of(model, sample, at, previous));
    const at::Tensor next = base + length * model.physical(predicted.to(state.scalar_type()));
    previous = state;
    state = sample.halo.to_ghosts(at::where(sample.fixed, sample.frames[at + 1], next));
  }
  return total;
}

namespace {

// The window as a simulator's input: what is given and the inputs come from its frames.
SimulatorInput simulator_input(const Model& model, const Sample& sample) {
  SimulatorInput input{sample.graph, sample.halo, {}, {}, sample.parameters};
  std::int64_t start = 0;
  for (const auto& field : model.shape().state) {
    const auto columns = [&](const at::Tensor& x) { return x.narrow(-1, start, field.components); };
    input.prescribed.add(field.name, columns(sample.fixed), values_from_frames(sample.times, columns(sample.frames)));
    start += field.components;
  }
  if (sample.inputs.defined()) input.inputs = values_from_frames(sample.times, sample.inputs);
  return input;
}

}  // namespace

namespace {

// The simulator, and where a regularisation has one, another whose steps are told to `terms`.
struct Rollout {
  Rollout(const Model& model, const Sample& sample, const StateLoss& loss) : loss_(loss) {
    const std::shared_ptr<const Model> borrowed(std::shared_ptr<const Model>(), &model);
    const Regularisation& r = loss.regularisation;
    const SimulatorInput input = simulator_input(model, sample);
    if (r.weight == 0 || r.only >= 0) plain = make_simulator(borrowed, input, sample.dt(), loss.stepping);
    if (r.weight == 0) return;
    COTAN_REQUIRE(sample.halo.comm().size() == 1, "a regularised loss takes one rank");
    Stepping told = loss.stepping;
    told.watch = StepWatch{[this](const StepHeuristics& h) { add(h); }, {}, r.only >= 0};
    std::int64_t column = 0;
    for (const auto& field : model.shape().state) {
      told.watch->scale[field.name] = loss.scale[column].item<double>();
      column += field.components;
    }
    watched = make_simulator(borrowed, input, sample.dt(), told);
  }
  Rollout(const Rollout&) = delete;

  const System& at(std::int64_t step) const {
    return watched && (!plain || loss_.regularisation.only == step) ? *watched : *plain;
  }
  std::optional<System> plain, watched;
  at::Tensor term;  // the sum

 private:
  void add(const StepHeuristics& h) {
    const bool stiff = loss_.regularisation.stiffness;
    COTAN_REQUIRE(!stiff || h.stiffness.defined(),
                  "the integrator has no estimate of stiffness: take tsitouras or "
                  "dormand_prince");
    const at::Tensor& one = stiff ? h.stiffness : h.error;
    term = term.defined() ? term + one : one;
  }
  const StateLoss& loss_;
};

}  // namespace

at::Tensor state_error(const Model& model, const Sample& sample, const StateLoss& loss, const at::Tensor& noise) {
  COTAN_ASSERT(sample.present + loss.unroll < sample.frames.size(0));
  const Rollout rollout(model, sample, loss);
  std::vector<Frame> first;
  for (int k = sample.present - model.history(); k <= sample.present; ++k) {
    const bool noisy = k == sample.present && noise.defined();
    const at::Tensor frame = noisy ? sample.frames[k] + noise : sample.frames[k];
    first.push_back({sample.times[k], fields_of(model.shape(), frame)});
  }
  const at::Tensor entries = predicted_entries(sample), scale = loss.scale.to(sample.frames.options());
  State state = rollout.at(0).lift(first);
  at::Tensor total = at::zeros({}, sample.frames.options());
  std::int64_t compared = 0;
  for (std::int64_t k = 1; k <= loss.unroll; ++k) {
    const std::size_t before = sample.present + k - 1;
    const System& system = rollout.at(k - 1);
    state = system.step(sample.times[before], sample.dt(), state);
    if (!loss.ends_only || k == 1 || k == loss.unroll) {
      const at::Tensor error = (columns_of(model.shape(), system.view(state)) - sample.frames[before + 1]) / scale;
      total = total + at::where(entries, error, 0).square().sum();
      ++compared;
    }
    if (k == loss.detach) state = detached(state);
  }
  if (!rollout.term.defined()) return total;
  const double errors = static_cast<double>(compared) * entries.sum().item<double>();
  const double steps = loss.regularisation.only >= 0 ? 1 : static_cast<double>(loss.unroll);
  return total + rollout.term * (loss.regularisation.weight * errors / steps);
}

double one_step_error(const Model& model, const Dataset& data, std::int64_t most, const Comm& comm) {
  const at::NoGradGuard no_gradients;
  const std::int64_t count = std::min(most, data.size());
  double sum = 0, entries = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const Sample sample = data.get(i * data.size() / count);
    sum += squared_error(model, sample, 1).item<double>();
    entries += predicted_entries(sample).sum().item<double>();
  }
  return std::sqrt(comm.sum(sum) / std::max(comm.sum(entries), 1.0));
}

}  // namespace cotan
