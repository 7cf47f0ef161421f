#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "core/options.h"
#include "gnn/augmentation.h"
#include "gnn/dataset.h"
#include "gnn/optimiser.h"
#include "gnn/simulator.h"

namespace cotan {

inline const std::vector<std::string> kOptimisers = {"adamw", "soap"};
inline const std::vector<std::string> kMirrors = {"none", "x", "y", "z"};

inline const std::vector<std::string> kLosses = {"prediction", "states", "end_states"};
inline const std::vector<std::string> kRegularisations = {"none", "error", "stiffness"};
inline const std::vector<std::string> kRegularisedSteps = {"all", "one"};

struct TrainOptions {
  std::int64_t steps = 10000;
  std::int64_t batch = 1;
  double learning_rate = 1e-3;
  double final_rate = 1e-5;
  std::string schedule = "exponential";
  std::string optimiser = "adamw";
  double clip_norm = 1.0;
  double weight_decay = 0.0;
  double average = 0.0;
  double noise = 0.0;
  double noise_correction = 1.0;
  std::int64_t warmup = 200;
  std::int64_t unroll = 1;
  std::string loss = "prediction";
  std::int64_t detach = 0;
  std::string regularise = "none";
  double regularise_weight = 0.1;
  std::string regularise_steps = "all";
  std::string mirror = "none";
  double turn = 0.0;
  std::int64_t validate_every = 500;
  std::int64_t checkpoint_every = 500;
  std::int64_t patience = 0;
  double minutes = 0;
  /// By state field, in its unit: the deviation of its noise instead of `noise` times its spread; -1 (or an empty
  /// list): as `noise` says. From the configuration's `fields`.
  std::vector<double> field_noise = {};
  /// How the model's rate is integrated. Used by a loss on states.
  Stepping stepping = {};
  /// What `mirror` does to the columns of the data.
  Mirror reflection = {};
  /// What `turn` does to them.
  Turn rotation = {};
  bool has_noise() const {
    return noise > 0 || std::any_of(field_noise.begin(), field_noise.end(), [](double x) { return x > 0; });
  }
  bool compares_states() const { return loss != kLosses[0]; }
  bool regularises() const { return regularise != kRegularisations[0] && regularise_weight > 0; }
  template <class V>
  void visit(V&& v) {
    v("steps", steps, "optimiser steps", at_least(1));
    v("batch", batch, "samples a step", at_least(1));
    v("learning_rate", learning_rate, "Adam's rate at the start", above(0.0));
    v("final_rate", final_rate, "its rate at the end", above(0.0));
    v("schedule", schedule, "how it falls from one to the other", OneOf{kSchedules});
    v("optimiser", optimiser, "AdamW, or SOAP: the same in the eigenbases of each matrix's gradient",
      OneOf{kOptimisers});
    v("clip_norm", clip_norm, "largest gradient norm; 0: off", at_least(0.0));
    v("weight_decay", weight_decay, "decoupled (AdamW)", at_least(0.0));
    v("average", average,
      "what the running average of the parameters, which is validated and kept as the best, keeps of itself over a "
      "step, as 0.999; 0: the parameters themselves",
      between(0.0, 1.0));
    v("noise", noise, "deviation of the noise on the state, in standard deviations of the field over points and frames",
      at_least(0.0));
    v("noise_correction", noise_correction, "share of the noise that the target corrects (gamma of MeshGraphNets)",
      between(0.0, 1.0));
    v("warmup", warmup, "samples that only fill the statistics, before the first step", at_least(1));
    v("unroll", unroll, "steps of the loss, gradients through all", at_least(1));
    v("loss", loss,
      "compares what the network says at each step, all states that the rollout reaches, or its first and its last",
      OneOf{kLosses});
    v("detach", detach,
      "of a loss on states: the state after so many steps is a constant to those after it; 0: gradients through all",
      at_least(0));
    v("regularise", regularise,
      "adds to a loss on states what the integrator, which keeps tolerances, says of its steps, so that fewer of them "
      "do: "
      "its estimates of their error or of the stiffness",
      OneOf{kRegularisations});
    v("regularise_weight", regularise_weight, "of that term", at_least(0.0));
    v("regularise_steps", regularise_steps,
      "all of the integrator's, or one: the first of a step of the rollout, drawn at random, for less time",
      OneOf{kRegularisedSteps});
    v("mirror", mirror, "axis along which every other sample, by chance, is seen mirrored", OneOf{kMirrors});
    v("turn", turn, "degrees about z by up to which each sample is seen turned, either way", between(0.0, 180.0));
    v("validate_every", validate_every, "steps between validations", at_least(1));
    v("checkpoint_every", checkpoint_every, "steps between checkpoints", at_least(1));
    v("patience", patience, "validations without a better one after which training ends; 0: no limit", at_least(0));
    v("minutes", minutes, "wall time after which training ends with the schedule cut; 0: no limit", at_least(0.0));
  }
};

/// What a resumed run needs beside the model: counters, moments and the noise's scale by component. Tensors by name,
/// saved as they are; `train` updates them in place.
struct TrainState {
  std::int64_t step = 0;         ///< optimiser steps done
  bool statistics_done = false;  ///< of the model; its normalisers stay as they are then
  double best = -1;              ///< lowest finite validation error so far; -1 before there is one
  std::int64_t stale = 0;        ///< validations since then
  std::map<std::string, at::Tensor> optimiser;
};

/// Among the optimiser's tensors, by component (C) in the fields' units: deviation of the noise, and of the fields
/// themselves (of a field's components together), which a loss on states is measured in.
inline constexpr const char* kNoiseDeviation = "noise_deviation";
inline constexpr const char* kStateDeviation = "state_deviation";

struct TrainReport {
  std::int64_t step = 0;
  double loss = 0;         ///< of this step: mean square of the normalised error over predicted entries
  double validation = -1;  ///< -1 where none was made at this step
  double learning_rate = 0;
  double seconds = 0;       ///< since the start of this run
  bool checkpoint = false;  ///< the caller is asked to save
  bool is_best = false;
  bool is_out_of_patience = false;  ///< training ends here for want of progress
};
/// Called after every step.
using TrainHook = std::function<bool(const TrainReport&, const TrainState&)>;  ///< false stops cleanly
using Validation = std::function<double(const Model&)>;                        ///< error to minimise

/// Squared errors of a sample as the options compare them, summed over entries and steps or states; and how many of
/// these there are. \param scale (C) of a loss on states \param noise (N, C) or undefined
/// \param drawn number in [0, 1) that says which step is regularised, where one is \return () floating
at::Tensor sample_error(const Model& model, const Sample& sample, const TrainOptions& options, const at::Tensor& scale,
                        const at::Tensor& noise = {}, double drawn = 0);
std::int64_t compared_steps(const TrainOptions& options);

/// What `train` asks of its arguments, for callers that want to know before they claim a folder.
/// \throw InputError where the windows do not fit the model or `unroll`, rates contradict each other, or the saved
/// state lacks what the options need
void check_training(const Model& model, const Dataset& data, const TrainOptions& options, const TrainState& state);

/// The whole loop. Samples, noise and learning rate are functions of (seed, step): a resumed run ends on the same
/// bits as an uninterrupted one. With several ranks, losses and gradients are sums over ranks.
/// Noise: normal, fresh each step, on predicted components of the present frame that the network sees, its deviation
/// `noise` times that of the field (components of a field together); the target takes back `noise_correction` of it.
/// \cite sanchez2020 \throw InputError as check_training \throw NumericsError naming step, epoch, trajectory and frame
/// where the loss is not finite; the model is then as before the step
void train(Model& model, const Dataset& data, const Validation& validation, const TrainOptions& options,
           std::uint64_t seed, TrainState& state, const TrainHook& hook, const Comm& comm = {});

}  // namespace cotan
