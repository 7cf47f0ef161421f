#pragma once
#include <vector>

#include "integrators/norm.h"

namespace cotan {

/// The entries of a state that take part in arithmetic, in their order.
std::vector<at::Tensor> floating(const State& u);
/// The state with these entries instead. \pre as many as floating(u) has
State with_floating(const State& u, const std::vector<at::Tensor>& values);

/// All numbers of a state as one vector, entry after entry in their widest type, and the inner product of a Norm over
/// it. What Krylov methods and matrices over a whole state work on.
class Packing {
 public:
  /// \param like gives names, shapes and types; entries that are not floating are carried along
  explicit Packing(const State& like, const Norm& norm = {});

  at::Tensor pack(const State& u) const;                ///< (n)
  State unpack(const at::Tensor& x) const;              ///< with gradients
  std::int64_t size() const { return size_; }           ///< n, of this rank
  const at::Tensor& weight() const { return weight_; }  ///< (n) of the inner product; undefined: all 1
  const Comm& comm() const { return comm_; }

 private:
  State like_;
  std::int64_t size_ = 0;
  at::Tensor weight_;
  Comm comm_;
};

}  // namespace cotan
