#include "gnn/trainer.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <numbers>
#include <optional>
#include <sstream>

#include "core/check.h"
#include "core/random.h"
#include "gnn/layers.h"
#include "gnn/loss.h"
#include "gnn/optimiser.h"
#include "gnn/soap.h"
#include "mesh/isometry.h"

namespace cotan {
namespace {

// The deviation of each component: of a field's components together, so that no direction is preferred.
at::Tensor spread_by_component(const Normaliser& statistics, const ModelShape& shape) {
  const at::Tensor variance = statistics.m2 / statistics.count.clamp_min(1);
  std::vector<at::Tensor> result;
  std::int64_t start = 0;
  for (const auto& field : shape.state) {
    result.push_back(variance.narrow(0, start, field.components).mean().sqrt().expand({field.components}));
    start += field.components;
  }
  return at::cat(result);
}

// That of the noise: none on what the network does not see, since nothing would be learned from it.
at::Tensor noise_by_component(const at::Tensor& spread, const ModelShape& shape, const TrainOptions& options) {
  std::vector<at::Tensor> result;
  std::int64_t start = 0;
  for (std::size_t f = 0; f < shape.state.size(); ++f) {
    const std::int64_t count = shape.state[f].components;
    const bool is_seen = shape.use(f).sees != Sees::nothing || shape.use(f).is_position;
    const double given = options.field_noise.empty() ? -1 : options.field_noise.at(f);
    const at::Tensor deviation =
        given >= 0 ? at::full({count}, given, at::kDouble) : options.noise * spread.narrow(0, start, count);
    result.push_back(is_seen ? deviation : at::zeros_like(deviation));
    start += count;
  }
  return at::cat(result);
}

double rate(std::int64_t step, const TrainOptions& options) {
  return learning_rate(step, options.steps, options.learning_rate, options.final_rate, options.schedule);
}

// Of this thread, which reads beside the network's: LibTorch would start a team of its own for it.
void use_one_thread() {
#ifdef _OPENMP
  omp_set_num_threads(1);
#endif
}

using Step = std::function<void(const std::vector<at::Tensor>& gradients, double rate, std::int64_t step)>;

// The optimiser by name, on the tensors of a state, which are those of the same one where training goes on.
Step make_optimiser(const std::vector<NamedTensor>& parameters, const TrainOptions& options, TrainState& state) {
  const bool is_soap = options.optimiser == kOptimisers[1];
  for (const auto& parameter : parameters) {
    const std::string name = is_soap ? soap_tensors(parameter)[0].first : moment_names(parameter.name)[0];
    COTAN_REQUIRE(state.step == 0 || state.optimiser.contains(name),
                  "optimiser: the training up to step " << state.step << " was not by " << options.optimiser
                                                        << ": go on with the same one");
  }
  if (is_soap)
    return [soap = std::make_shared<Soap>(parameters, options.weight_decay, state.optimiser)](
               const auto& gradients, double rate, std::int64_t step) { soap->step(gradients, rate, step); };
  return [adam = std::make_shared<AdamW>(parameters, options.weight_decay, state.optimiser)](
             const auto& gradients, double rate, std::int64_t step) { adam->step(gradients, rate, step); };
}

class Trainer {
 public:
  Trainer(Model& model, const Dataset& data, const TrainOptions& options, std::uint64_t seed, TrainState& state,
          const Comm& comm)
      : model_(model),
        data_(data),
        options_(options),
        seed_(seed),
        state_(state),
        comm_(comm),
        parameters_(model.parameters()),
        optimiser_(make_optimiser(parameters_, options, state)) {
    if (options.average > 0) average_.emplace(parameters_, options.average, state.optimiser);
  }

  void fill_statistics();
  double step();  ///< one optimiser step; the loss before it
  /// With the averages in the model's place, where there are some.
  double validate(const Validation& validation);

 private:
  std::int64_t index_of(std::int64_t number);
  Sample sample(std::int64_t number);
  Sample augmented(Sample sample, std::int64_t step, std::int64_t in_batch);
  void wait();
  at::Tensor noise(const Sample& sample, std::int64_t step, std::int64_t in_batch) const;
  void require_finite(double loss, const at::Tensor& gradient, const std::vector<Sample>& samples) const;

  Model& model_;
  const Dataset& data_;
  const TrainOptions& options_;
  std::uint64_t seed_;
  TrainState& state_;
  Comm comm_;
  std::vector<NamedTensor> parameters_;
  Step optimiser_;
  std::optional<ParameterAverage> average_;
  std::map<std::shared_ptr<const Graph>, std::shared_ptr<const Graph>> mirrored_;
  std::int64_t epoch_ = -1;  // whose order is held
  std::vector<std::int64_t> order_;
  std::int64_t epoch_of_last_ = 0;  // that was taken, for messages
  std::int64_t ahead_number_ = -1;
  std::future<Sample> ahead_;  // last: it is waited for before the rest goes
};

// Where the n-th sample stands that training takes, counted over epochs.
std::int64_t Trainer::index_of(std::int64_t number) {
  const std::int64_t epoch = number / data_.size();
  if (epoch != epoch_) order_ = epoch_order(data_.size(), seed_, epoch);
  epoch_ = epoch;
  return order_[number % data_.size()];
}

// The n-th sample; the one after it is read while the network learns from this one.
Sample Trainer::sample(std::int64_t number) {
  Sample result = ahead_.valid() && ahead_number_ == number ? ahead_.get() : (wait(), data_.get(index_of(number)));
  ahead_number_ = number + 1;
  ahead_ = std::async(std::launch::async, [this, index = index_of(number + 1)] {
    use_one_thread();
    return data_.get(index);
  });
  epoch_of_last_ = number / data_.size();
  return result;
}

// Mirrored or as it is, then turned, by draws that (seed, step, place in the batch) decide.
Sample Trainer::augmented(Sample sample, std::int64_t step, std::int64_t in_batch) {
  const Random random(seed_, purpose::augmentation, static_cast<std::uint64_t>(step),
                      static_cast<std::uint64_t>(in_batch));
  if (options_.reflection.axis >= 0 && random.uniform(0) >= 0.5) {
    auto& graph = mirrored_[sample.graph];
    if (!graph) graph = std::make_shared<const Graph>(mirrored(*sample.graph, options_.reflection.axis));
    sample = mirrored(sample, options_.reflection, graph);
  }
  const double most = options_.rotation.degrees * std::numbers::pi / 180;
  return most > 0 ? turned(sample, options_.rotation, (2 * random.uniform(1) - 1) * most) : sample;
}

// A dataset is read by one thread at a time.
void Trainer::wait() {
  if (ahead_.valid()) ahead_.wait();
  ahead_ = {};
}

// (N, C) on predicted components, or undefined without noise; drawn by global point number, so that it does not
// depend on the ranks or on the order of points.
at::Tensor Trainer::noise(const Sample& sample, std::int64_t step, std::int64_t in_batch) const {
  if (!options_.has_noise()) return {};
  const at::Tensor present = sample.frames[sample.present];
  const std::int64_t nodes = present.size(0), components = present.size(1);
  const Random random(seed_, purpose::noise, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(in_batch));
  const at::Tensor global = sample.graph->global.to(at::kCPU).contiguous();
  at::Tensor draws = at::empty({nodes, components}, at::kDouble);
  double* out = draws.data_ptr<double>();
  for (std::int64_t i = 0; i < nodes; ++i) {
    const auto row = static_cast<std::uint64_t>(global.data_ptr<std::int64_t>()[i]);
    for (std::int64_t c = 0; c < components; ++c) out[i * components + c] = random.normal(row * components + c);
  }
  draws.mul_(state_.optimiser.at(kNoiseDeviation));
  return at::where(sample.fixed, 0, draws.to(present.options()));
}

void Trainer::fill_statistics() {
  const at::NoGradGuard no_gradients;
  const std::int64_t count = std::min(options_.warmup, data_.size());
  const bool needs_noise = options_.has_noise() && !state_.optimiser.contains(kNoiseDeviation);
  const bool needs_scale = options_.compares_states() && !state_.optimiser.contains(kStateDeviation);
  if (needs_noise || needs_scale) {  // from samples without noise
    Normaliser fields(num_components(model_.shape().state));
    for (std::int64_t k = 0; k < count; ++k) {
      const Sample s = sample(k);
      fields.accumulate(s.frames[s.present], s.graph->owned, comm_);
    }
    const at::Tensor spread = spread_by_component(fields, model_.shape());
    if (needs_noise) state_.optimiser[kNoiseDeviation] = noise_by_component(spread, model_.shape(), options_);
    if (needs_scale) state_.optimiser[kStateDeviation] = at::where(spread > 0, spread, 1.0);
  }
  if (state_.statistics_done) return;
  for (std::int64_t k = 0; k < count; ++k) {
    const Sample s = augmented(sample(k), -1 - k, 0);  // negative steps: numbers that no training step uses
    at::Tensor state = s.frames[s.present], kept;
    const at::Tensor added = options_.compares_states() ? at::Tensor() : noise(s, -1 - k, 0);
    if (added.defined()) {
      state = state + added;
      kept = added * (1 - options_.noise_correction);
    }
    const at::Tensor target = target_of(model_, s, s.present, state, kept);
    model_.accumulate(model_input(model_, s, s.present, state), target);
  }
  state_.statistics_done = true;
}

void Trainer::require_finite(double loss, const at::Tensor& gradient, const std::vector<Sample>& samples) const {
  if (std::isfinite(loss) && std::isfinite(gradient.norm().item<double>())) return;
  std::ostringstream message;
  message << "training step " << state_.step + 1 << " (epoch " << epoch_of_last_ + 1 << "): loss " << loss
          << (std::isfinite(loss) ? ", but its gradient is not finite" : "") << "; taken from";
  for (const auto& s : samples) message << (&s == samples.data() ? " " : ", ") << s.trajectory << " frame " << s.frame;
  throw NumericsError(std::move(message).str());
}

double Trainer::step() {
  std::vector<Sample> samples;
  double entries = 0;
  for (std::int64_t b = 0; b < options_.batch; ++b) {
    samples.push_back(augmented(sample(state_.step * options_.batch + b), state_.step, b));
    entries += predicted_entries(samples.back()).sum().item<double>();
  }
  const double compared = std::max(comm_.sum(entries), 1.0) * static_cast<double>(compared_steps(options_));
  const at::Tensor scale = options_.compares_states() ? state_.optimiser.at(kStateDeviation) : at::Tensor();
  std::vector<at::Tensor> leaves;
  for (const auto& parameter : parameters_) leaves.push_back(parameter.value);
  // One sample at a time: the same mean as over their disjoint union, with the memory of one, on any number of ranks.
  double loss = 0;
  at::Tensor flat;
  FlatGradients gradients;
  for (std::size_t b = 0; b < samples.size(); ++b) {
    const double drawn = Random(seed_, purpose::regularisation, static_cast<std::uint64_t>(state_.step), b).uniform(0);
    const at::Tensor error =
        sample_error(model_, samples[b], options_, scale, noise(samples[b], state_.step, b), drawn) / compared;
    loss += error.item<double>();
    gradients = flatten(torch::autograd::grad({error}, leaves, {}, /*retain_graph=*/false, /*create_graph=*/false,
                                              /*allow_unused=*/true),
                        parameters_);
    if (flat.defined()) gradients.flat.add_(flat);
    flat = gradients.flat;
  }
  sum_over_ranks(gradients, comm_);
  loss = comm_.sum(loss);
  require_finite(loss, gradients.flat, samples);
  if (options_.clip_norm > 0) {
    gradients.flat.mul_(std::min(1.0, options_.clip_norm / (gradients.flat.norm().item<double>() + 1e-12)));
  }
  optimiser_(gradients.views, rate(state_.step, options_), state_.step);
  if (average_) average_->update(state_.step);
  ++state_.step;
  return loss;
}

double Trainer::validate(const Validation& validation) {
  if (!average_) return validation(model_);
  struct Swapped {
    ParameterAverage& average;
    explicit Swapped(ParameterAverage& a) : average(a) { average.swap(); }
    ~Swapped() { average.swap(); }
  } swapped(*average_);
  return validation(model_);
}

void check_window(const Model& model, const Dataset& data, const TrainOptions& options) {
  COTAN_REQUIRE(data.size() > 0, "nothing to train on: the dataset has no sample");
  COTAN_REQUIRE(options.final_rate <= options.learning_rate,
                "final_rate " << options.final_rate << " is above learning_rate " << options.learning_rate);
  const Sample first = data.get(0);
  const std::int64_t future = first.frames.size(0) - first.present - 1;
  COTAN_REQUIRE(first.present >= model.history() && future >= options.unroll,
                "windows of " << first.present << " frames before and " << future
                              << " after the present; the model needs " << model.history() << " before, unroll "
                              << options.unroll << " after");
  COTAN_REQUIRE(model.predicts() == Model::Predicts::rate || !options.stepping.method,
                "an integrator moves a state by a rate, and this network predicts increments");
  COTAN_REQUIRE(!options.regularises() || (options.compares_states() && options.stepping.tolerances),
                "regularise needs a loss on states and an integrator with tolerances, as {method: tsitouras, relative: "
                "1e-3, absolute: 1e-3}");
  const std::int64_t components = num_components(model.shape().state);
  COTAN_REQUIRE(first.frames.size(2) == components,
                "the data's frames have " << first.frames.size(2) << " components, the model " << components);
}

}  // namespace

at::Tensor sample_error(const Model& model, const Sample& sample, const TrainOptions& options, const at::Tensor& scale,
                        const at::Tensor& noise, double drawn) {
  if (!options.compares_states()) return squared_error(model, sample, options.unroll, noise, options.noise_correction);
  const bool ends_only = options.loss == kLosses[2];
  Regularisation term;
  if (options.regularises()) {
    const bool one = options.regularise_steps == kRegularisedSteps[1];
    term = {options.regularise == kRegularisations[2], options.regularise_weight,
            one ? static_cast<std::int64_t>(drawn * static_cast<double>(options.unroll)) : -1};
  }
  return state_error(model, sample, {options.unroll, ends_only, options.detach, scale, options.stepping, term}, noise);
}

std::int64_t compared_steps(const TrainOptions& options) {
  return options.loss == kLosses[2] ? std::min<std::int64_t>(options.unroll, 2) : options.unroll;
}

void check_training(const Model& model, const Dataset& data, const TrainOptions& options, const TrainState& state) {
  check_window(model, data, options);
  if (state.step == 0) return;
  const std::int64_t components = num_components(model.shape().state);
  const auto need = [&](bool needed, const char* name) {
    const auto found = state.optimiser.find(name);
    COTAN_REQUIRE(
        !needed || (found != state.optimiser.end() && found->second.sizes() == at::IntArrayRef{components}),
        "the saved state has no tensor '" << name << "' of " << components << " numbers, which its options need");
  };
  need(options.has_noise(), kNoiseDeviation);
  need(options.compares_states(), kStateDeviation);
}

void train(Model& model, const Dataset& data, const Validation& validation, const TrainOptions& options,
           std::uint64_t seed, TrainState& state, const TrainHook& hook, const Comm& comm) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  check_training(model, data, options, state);
  Trainer trainer(model, data, options, seed, state, comm);
  trainer.fill_statistics();
  bool stop = false;
  while (!stop && state.step < options.steps) {
    TrainReport report;
    report.learning_rate = rate(state.step, options);
    report.loss = trainer.step();
    report.step = state.step;
    // Clocks differ between ranks, so they agree on the end.
    const bool late = options.minutes > 0 && comm.max(seconds()) > 60 * options.minutes;
    const bool last = late || state.step == options.steps;
    if (validation && (last || state.step % options.validate_every == 0)) {
      report.validation = trainer.validate(validation);
      report.is_best = std::isfinite(report.validation) && (state.best < 0 || report.validation < state.best);
      if (report.is_best) state.best = report.validation;
      state.stale = report.is_best ? 0 : state.stale + 1;
      report.is_out_of_patience = options.patience > 0 && state.stale >= options.patience;
    }
    report.checkpoint = last || report.is_out_of_patience || state.step % options.checkpoint_every == 0;
    report.seconds = seconds();
    const bool go_on = !hook || hook(report, state);
    stop = late || report.is_out_of_patience || comm.max(go_on ? 0.0 : 1.0) > 0;
  }
}

}  // namespace cotan
