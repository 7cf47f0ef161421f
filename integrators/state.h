#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/types.h"

namespace cotan {

/// A short list of named tensors, each on points, cells, degrees of freedom or the whole. Only the System knows
/// what is in it: Taylor-Hood pairs, earlier levels of a multi-step method, a latent state encoded once.
/// A value: copies share tensors, and no function here writes into one.
class State {
 public:
  struct Entry {
    std::string name;
    On on;
    at::Tensor value;  ///< (rows, …); floating entries take part in arithmetic, others are carried along
  };

  State() = default;
  explicit State(std::vector<Entry> entries);  ///< \throw Error for a name that stands twice
  const std::vector<Entry>& entries() const { return entries_; }
  bool has(std::string_view name) const;
  const at::Tensor& operator[](std::string_view name) const;    ///< \throw Error listing the names there are
  State with(std::string_view name, at::Tensor value) const;    ///< replaced; \throw Error where absent
  State with(std::string name, On on, at::Tensor value) const;  ///< replaced or appended

 private:
  std::vector<Entry> entries_;
};

/// What observers, writers and metrics see: fields on points, cells or the whole, in their own units.
using Fields = State;

/// a + factor * b, entry by entry. \pre the same names in the same order
State axpy(const State& a, double factor, const State& b);
State scaled(const State& a, double factor);
/// base + sum of factors[i] * slopes[i], in that order (one pass of a Runge-Kutta stage).
State combine(const State& base, const std::vector<double>& factors, const std::vector<State>& slopes);
State detached(const State& a);
bool all_finite(const State& a);
State to(const State& a, const at::TensorOptions& where);  ///< floating entries; others move device only

}  // namespace cotan
