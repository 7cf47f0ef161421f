#pragma once
#include <span>
#include <vector>

#include "core/random.h"
#include "gnn/model.h"

namespace cotan {

/// y = x W^T + b. weight (out, in), bias (out): torch's layout, so state dicts carry over.
struct Linear {
  at::Tensor weight, bias;
  /// Kaiming-uniform as torch's Linear, drawn from `random` starting at `*drawn` (advanced).
  Linear(std::int64_t in, std::int64_t out, const Random& random, std::uint64_t* drawn);
  at::Tensor operator()(const at::Tensor& x) const;
};

enum class Activation { relu, silu, gelu, tanh, elu };
at::Tensor activate(at::Tensor x, Activation activation);  ///< `x` may be overwritten
Activation activation_from(std::string_view name);         ///< \throw InputError listing the names
inline const std::vector<std::string> kActivationNames = {"relu", "silu", "gelu", "tanh", "elu"};

/// `hidden` layers of `width` with an activation each, a linear output, layer normalisation unless it is a decoder.
/// \cite pfaff2021
struct Mlp {
  std::vector<Linear> layers;
  at::Tensor norm_weight, norm_bias;  ///< (out); undefined without layer normalisation
  Activation activation = Activation::relu;
  Mlp(std::int64_t in, std::int64_t width, std::int64_t out, int hidden, Activation activation, bool layer_norm,
      const Random& random, std::uint64_t* drawn);
  /// Hidden layers of these widths, one after another, without layer normalisation.
  Mlp(std::int64_t in, std::span<const std::int64_t> hidden, std::int64_t out, Activation activation,
      const Random& random, std::uint64_t* drawn);
  at::Tensor operator()(const at::Tensor& x) const;
  /// From the first layer's pre-activation on: for inputs whose products were taken before a gather.
  /// \param first a fresh tensor: it may be overwritten
  at::Tensor from_first(at::Tensor first) const;
  void append_to(std::vector<NamedTensor>& list, const std::string& prefix) const;  ///< "prefix.0.weight", …
};

/// Running mean and variance by feature, in double, saved with the model; \cite welford1962 \cite chan1983.
/// A feature that never varied (to 1e-10 of its mean) is passed through centred, divided by 1; predicted, it is its
/// mean, whatever the network says: its error would have no scale.
struct Normaliser {
  at::Tensor count, mean, m2;  ///< (), (C), (C) double
  explicit Normaliser(std::int64_t features);
  /// Takes in the rows (N, C) where `use` (N) bool holds (undefined: all), of every rank. Collective.
  void accumulate(const at::Tensor& rows, const at::Tensor& use, const Comm& comm);
  at::Tensor standard_deviation() const;  ///< (C) double; 0 where nothing varied, 1 before anything was taken in
  at::Tensor normalise(const at::Tensor& x) const;
  at::Tensor physical(const at::Tensor& x) const;
  void append_to(std::vector<NamedTensor>& list, const std::string& prefix) const;
};

}  // namespace cotan
