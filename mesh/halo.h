#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

#include "core/comm.h"
#include "mesh/partition.h"

namespace cotan {

/// Moves node rows between the ranks that share them; default-built, it is the identity.
/// to_ghosts and to_owners are each other's transpose, which is how gradients pass through them (to any order). A
/// backward pass is collective too: every rank runs it, over the same operations. Bytes pass through the host.
class HaloExchange {
 public:
  HaloExchange() = default;
  /// \param guests G: ghosts of the plan that have no row in the table of N rows; they are its rows N to N + G - 1
  HaloExchange(HaloPlan plan, Comm comm, std::int64_t guests = 0);
  /// (N, …) -> (N + G, …): owned rows overwrite their ghosts; collective
  at::Tensor to_ghosts(const at::Tensor& x) const;
  /// (N + G, …) -> (N, …): ghost rows add to their owners, then are 0; collective
  at::Tensor to_owners(const at::Tensor& x) const;
  const Comm& comm() const;  ///< one rank where default-built

 private:
  struct State;
  struct Move;                          // the autograd function
  std::shared_ptr<const State> state_;  // null: identity
};

/// Sum over ranks as a differentiable operation: forward the sum, backward the sum of the gradients. Collective.
at::Tensor sum_over_ranks(const at::Tensor& x, const Comm& comm);

}  // namespace cotan
