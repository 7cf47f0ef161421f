// The norm of a state that is shared between ranks is the serial one, whatever ghosts hold.
#include "integrators/norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::near;
using testing_checks::random_tensor;

constexpr std::int64_t kPoints = 23, kCells = 5, kGraphs = 2;

State whole_state(std::uint64_t seed) {
  return State({{"velocity", On::points, random_tensor({kPoints, 2}, seed)},
                {"cell", On::cells, random_tensor({kCells}, seed + 1)},
                {"total", On::whole, random_tensor({kGraphs}, seed + 2)}});
}

struct Block {
  std::int64_t begin, end;
};

// Rank r's rows out of n; some ranks have none.
Block block(std::int64_t n, const Comm& comm) {
  return {n * comm.rank() / comm.size(), n * (comm.rank() + 1) / comm.size()};
}

// Owned rows, then one ghost that is not a number.
at::Tensor with_ghost(const at::Tensor& x, const Block& rows) {
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape[0] = 1;
  const at::Tensor ghost = at::full(shape, std::numeric_limits<double>::quiet_NaN(), x.options());
  return at::cat({x.slice(0, rows.begin, rows.end), ghost});
}

State share(const State& whole, const Comm& comm) {
  return whole.with("velocity", with_ghost(whole["velocity"], block(kPoints, comm)))
      .with("cell", with_ghost(whole["cell"], block(kCells, comm)));
}

at::Tensor graph_of(std::int64_t n) {
  return (at::arange(n) * 2 >= n).to(at::kLong);
}

TEST(Norm, IsTheSerialOneOnAnyNumberOfRanks) {
  const Comm comm = Comm::world();
  const State a = whole_state(1), b = whole_state(11);
  Norm serial, shared;
  serial.scale = shared.scale = {{"velocity", 0.5}, {"total", 3.0}};
  serial.num_graphs = shared.num_graphs = kGraphs;
  serial.graph["total"] = shared.graph["total"] = at::arange(kGraphs);
  for (const auto& [name, n] : {std::pair("velocity", kPoints), std::pair("cell", kCells)}) {
    const Block rows = block(n, comm);
    serial.graph[name] = graph_of(n);
    shared.graph[name] = at::cat({graph_of(n).slice(0, rows.begin, rows.end), at::zeros({1}, at::kLong)});
    shared.owned[name] = at::arange(rows.end - rows.begin + 1) < rows.end - rows.begin;
  }
  shared.comm = comm;
  EXPECT_NEAR(shared(share(a, comm)), serial(a), 1e-13);
  EXPECT_NEAR(shared.dot(share(a, comm), share(b, comm)), serial.dot(a, b), 1e-13);
  EXPECT_TRUE(near(shared.by_graph(share(a, comm)), serial.by_graph(a), 1e-13));
}

// A state that does not match on one rank ends the call on all of them, and the next collective call is in step.
TEST(Norm, StatesThatDoNotMatchOnOneRankEndOnAll) {
  Norm norm;
  norm.comm = Comm::world();
  const State a({{"u", On::points, random_tensor({4}, 1)}});
  const State other({{"u", On::points, random_tensor({5}, 1)}});
  EXPECT_ANY_THROW(norm.dot(a, norm.comm.rank() + 1 == norm.comm.size() ? other : a));
  EXPECT_EQ(norm.comm.sum(1.0), norm.comm.size());
}

}  // namespace
}  // namespace cotan
