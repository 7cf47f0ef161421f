#pragma once
#include "gnn/dataset.h"
#include "gnn/simulator.h"

namespace cotan {

/// What the model sees of a sample at window index `at`, with `state` (N, C) for the frame there.
ModelInput model_input(const Model& model, const Sample& sample, int at, const at::Tensor& state,
                       const at::Tensor& previous = {});

/// What the model is to predict in its units from `state` at window index `at`, for the next frame, plus `kept` (N, C)
/// where defined: the share of a noise in `state` that the next frame keeps.
at::Tensor target_of(const Model& model, const Sample& sample, int at, const at::Tensor& state,
                     const at::Tensor& kept = {}, const at::Tensor& previous = {});

/// Entries that are predicted: owned rows, components that are not prescribed. (N, C) bool.
at::Tensor predicted_entries(const Sample& sample);

/// Squared errors of the normalised prediction, summed over the predicted entries of this rank and over `unroll`
/// steps, each from the state the one before ended in (gradients go through all); prescribed components take their
/// values from the frames. \cite sanchez2020 for the noise.
/// \param noise (N, C) added to the present frame, or undefined; the first target corrects `correction` of it
/// \pre the window has `unroll` frames after the present
/// \return () in the model's floating type
at::Tensor squared_error(const Model& model, const Sample& sample, std::int64_t unroll, const at::Tensor& noise = {},
                         double correction = 1.0);

/// A term of a loss for rates that are solved in few evaluations: what the steps of the method say of themselves
/// (integrators/regularise.h), as a mean over the steps of the rollout that count. \cite pal2021
struct Regularisation {
  bool stiffness = false;  ///< the estimate of it; else that of the error
  double weight = 0;       ///< 0: none
  std::int64_t only = -1;  ///< the step of the rollout whose first step of the method counts, alone (\cite pal2023);
                           ///< -1: all steps of all
};

/// What a loss on the states of a rollout compares.
struct StateLoss {
  std::int64_t unroll = 1;  ///< steps
  bool ends_only = false;   ///< the first and the last state reached; else all
  std::int64_t detach = 0;  ///< states reached from which on no gradient flows back; 1: the start and the first step
                            ///< are constants to what follows
  at::Tensor scale = {};    ///< (C) what errors are measured in, in the fields' units
  Stepping stepping = {};   ///< over the model's rate
  Regularisation regularisation = {};
};

/// Squared errors of the states that the model's rollout reaches, over `scale`, summed over the predicted entries of
/// this rank and the states compared. The rollout is the one of make_simulator: prescribed values are imposed at every
/// stage, linear in time between the frames. \cite zeng2025 with ends_only, detach 1
/// A regularisation is added as often as there are errors in the sum, so that their mean has its weight; one rank only.
/// \param noise (N, C) added to the present frame, or undefined \pre the window has `unroll` frames after the present
/// \return () in the frames' floating type
at::Tensor state_error(const Model& model, const Sample& sample, const StateLoss& loss, const at::Tensor& noise = {});

/// Root of the mean squared error of one step, normalised, over samples (evenly spread, at most `most`) and ranks:
/// a cheap validation. Collective.
double one_step_error(const Model& model, const Dataset& data, std::int64_t most, const Comm& comm = {});

}  // namespace cotan
