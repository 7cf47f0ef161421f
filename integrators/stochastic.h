#pragma once
#include <cstdint>

#include "integrators/rate.h"

namespace cotan {

/// A path of independent Wiener processes, one for each number of a state: a pure function of (seed, path, time), by
/// Brownian bridges down a binary tree (\cite li2020). So steps of any lengths, in any order, see one and the same
/// path.
class WienerPath {
 public:
  /// Over [start, start + length]; between the finest nodes, length / 2^40 apart, it is linear.
  WienerPath(std::uint64_t seed, std::uint64_t path, double start, double length);

  /// W(t + dt) - W(t) for the floating entries of `like`. \throw InputError outside of the interval
  State operator()(double t, double dt, const State& like) const;

 private:
  at::Tensor value(double t, std::uint64_t entry, std::int64_t numbers) const;
  at::Tensor normal(std::uint64_t node, std::uint64_t entry, std::int64_t numbers) const;

  std::uint64_t seed_, path_;
  double start_, length_;
};

}  // namespace cotan
