#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gnn/model.h"

namespace cotan {

/// Names of the mean and of the mean square of a parameter's gradient in a saved state.
std::array<std::string, 2> moment_names(const std::string& parameter);

/// Adam with decoupled weight decay over a model's parameters; \cite kingma2015 \cite loshchilov2019.
/// Its moments are tensors under `moment_names`, made where `state` lacks them, and updated in
/// place, so that `state` is always what a checkpoint saves.
class AdamW {
 public:
  /// \throw InputError where a moment in `state` does not fit its parameter
  AdamW(std::vector<NamedTensor> parameters, double weight_decay, std::map<std::string, at::Tensor>& state);
  /// \param gradients in the order of the parameters \param step how many steps were made before this one
  void step(const std::vector<at::Tensor>& gradients, double rate, std::int64_t step);

 private:
  double weight_decay_;
  std::vector<at::Tensor> parameters_, mean_, square_;
};

/// Name of a parameter's running average in a saved state.
std::string average_name(const std::string& parameter);

/// Running averages of a model's parameters over the steps of a training, which vary less from step to step than the
/// parameters do: after step n (from 0) an average keeps min(keep, (n + 1) / (n + 10)) of itself. \cite polyak1992
/// Tensors under `average_name`, made where `state` lacks them as the parameters are, and updated in place.
class ParameterAverage {
 public:
  /// \throw InputError where an average in `state` does not fit its parameter
  ParameterAverage(std::vector<NamedTensor> parameters, double keep, std::map<std::string, at::Tensor>& state);
  void update(std::int64_t step);  ///< after the step of that number
  void swap();                     ///< exchanges the values of the parameters and of their averages

 private:
  double keep_;
  std::vector<at::Tensor> parameters_, averages_;
};

inline const std::vector<std::string> kSchedules = {"exponential", "cosine", "constant"};
/// From `first` at step 0 to `last` at the last of `steps` by one of kSchedules (constant: `first` throughout): a pure
/// function of the step. \cite loshchilov2017 for the cosine
double learning_rate(std::int64_t step, std::int64_t steps, double first, double last,
                     std::string_view schedule = kSchedules.front());

/// Gradients as one vector with views of it by parameter: one sum over ranks, one norm.
struct FlatGradients {
  at::Tensor flat;                ///< (all parameters)
  std::vector<at::Tensor> views;  ///< in the parameters' order and shapes
};
/// Undefined gradients count as 0.
FlatGradients flatten(const std::vector<at::Tensor>& gradients, const std::vector<NamedTensor>& parameters);
/// In place, in double. Collective.
void sum_over_ranks(FlatGradients& gradients, const Comm& comm);

}  // namespace cotan
