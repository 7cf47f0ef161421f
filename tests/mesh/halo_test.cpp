// On one rank; what several ranks exchange is tested in tests/mpi.
#include "mesh/halo.h"

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;

TEST(Halo, ARankAloneKeepsItsRows) {
  const Part part = whole_part(4);
  const HaloExchange exchange(part.halo, Comm());
  const Tensor x = random_tensor({4, 2}).requires_grad_(true);
  EXPECT_TRUE(at::equal(exchange.to_ghosts(x), x));
  EXPECT_TRUE(at::equal(exchange.to_owners(x), x));
  const Tensor g = torch::autograd::grad({(exchange.to_ghosts(x) * x).sum()}, {x})[0];
  EXPECT_TRUE(at::equal(g, 2 * x));
  EXPECT_TRUE(HaloExchange().to_ghosts(x).is_same(x));
}

TEST(Halo, RowsForRanksThatAreNotThereAreRefused) {
  const HaloExchange exchange({HaloPeer{1, {0}, {1}}}, Comm());
  EXPECT_THROW(exchange.to_ghosts(at::zeros({2})), InputError);
}

TEST(Halo, SumOverOneRankIsTheIdentity) {
  const Tensor x = random_tensor({3}).requires_grad_(true);
  const Tensor y = sum_over_ranks(x, Comm());
  EXPECT_TRUE(at::equal(y, x));
  EXPECT_TRUE(at::equal(torch::autograd::grad({y.square().sum()}, {x})[0], 2 * x));
}

}  // namespace
}  // namespace cotan
