#pragma once
// A model without a network, for tests of what stands around models.
#include "gnn/model.h"

namespace cotan::testing_checks {

/// Its normalised increment is a function of what it sees, and its own units are the physical ones.
class GivenModel : public Model {
 public:
  using Increment = std::function<at::Tensor(const ModelInput&)>;
  GivenModel(ModelShape shape, Increment increment, int history = 0)
      : shape_(std::move(shape)), increment_(std::move(increment)), history_(history) {}
  const ModelShape& shape() const override { return shape_; }
  Predicts predicts() const override { return Predicts::increment; }
  int history() const override { return history_; }
  at::Tensor forward(const ModelInput& input) const override { return increment_(input); }
  at::Tensor normalise_target(const at::Tensor& target) const override { return target; }
  at::Tensor physical(const at::Tensor& normalised) const override { return normalised; }
  void accumulate(const ModelInput&, const at::Tensor&) override {}
  std::vector<NamedTensor> parameters() const override { return {}; }
  std::vector<NamedTensor> buffers() const override { return {}; }
  void to(const at::TensorOptions&) override {}
  std::string echo() const override { return ""; }

 private:
  ModelShape shape_;
  Increment increment_;
  int history_;
};

}  // namespace cotan::testing_checks
