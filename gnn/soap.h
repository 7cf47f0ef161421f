#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gnn/model.h"

namespace cotan {

/// Names and shapes of what `Soap` keeps of a parameter.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> soap_tensors(const NamedTensor& parameter);

/// Adam in the eigenbases of the running covariances of each matrix's gradient, rows and columns, with decoupled weight
/// decay; \cite vyas2025. The bases are made by the first step, which moves nothing, and follow by a power
/// iteration every ten steps. Vectors go by Adam. Averages keep 0.95 of themselves.
/// Its tensors stand in `state`, made where it lacks them and updated in place, so that `state` is always what a
/// checkpoint saves.
class Soap {
 public:
  /// \throw InputError where a tensor in `state` does not fit its parameter
  Soap(std::vector<NamedTensor> parameters, double weight_decay, std::map<std::string, at::Tensor>& state);
  /// \param gradients in the order of the parameters \param step how many steps were made before this one
  void step(const std::vector<at::Tensor>& gradients, double rate, std::int64_t step);

 private:
  struct Side {  // of a matrix: its covariance and the basis, (n, n)
    at::Tensor covariance, basis;
  };
  struct Slot {
    at::Tensor value, mean, square;  // square: in the bases
    std::vector<Side> sides;         // left and right; none for vectors
  };
  static void begin(Slot& slot, const at::Tensor& gradient);
  static void follow(Slot& slot);
  double weight_decay_;
  std::vector<Slot> slots_;
};

}  // namespace cotan
