#include "mesh/segment.h"

#include <ATen/Parallel.h>

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;

Tensor longs(std::vector<std::int64_t> v) {
  return at::tensor(v, at::kLong);
}

// Five segments (the second and the last are empty) over four sources, of which one is never taken.
Segments small() {
  return make_segments(longs({0, 3, 3, 4, 7, 7}), longs({0, 2, 2, 0, 1, 0, 2}), 4);
}

// A large one with uneven segments, so that two threads share the work.
Segments large(std::int64_t n) {
  std::vector<std::int64_t> offsets{0}, index;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < (i * 7) % 11; ++k) index.push_back((i * 31 + k * k * 17) % n);
    offsets.push_back(static_cast<std::int64_t>(index.size()));
  }
  return make_segments(longs(offsets), longs(index), n);
}

TEST(Segment, ValuesByHand) {
  const auto s = small();
  const Tensor x = at::tensor({1.0, 2.0, 4.0, 8.0, 16.0, 32.0, -64.0}, at::kDouble).unsqueeze(1);
  EXPECT_TRUE(at::equal(segment_sum(x, s).squeeze(1), at::tensor({7.0, 0.0, 8.0, -16.0, 0.0}, at::kDouble)));
  EXPECT_TRUE(near(segment_mean(x, s).squeeze(1), at::tensor({7.0 / 3, 0.0, 8.0, -16.0 / 3, 0.0}, at::kDouble), 1e-15));
  EXPECT_TRUE(at::equal(segment_max(x, s, -5).squeeze(1), at::tensor({4.0, -5.0, 8.0, 32.0, -5.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(s.transpose_offsets, longs({0, 3, 4, 7, 7})));
  EXPECT_TRUE(at::equal(s.transpose_entries, longs({0, 3, 5, 4, 1, 2, 6})));
}

TEST(Segment, MapsAreTransposes) {
  const auto s = large(200);
  const std::int64_t entries = s.index.size(0);
  EXPECT_TRUE(are_transposes([&](const Tensor& v) { return gather(v, s); },
                             [&](const Tensor& v) { return scatter_sum(v, s); }, random_tensor({200, 5}, 2),
                             random_tensor({entries, 5}, 3)));
  const Tensor x = random_tensor({200, 5}, 2).requires_grad_(true), y = random_tensor({entries, 5}, 3);
  EXPECT_TRUE(at::equal(torch::autograd::grad({gather(x, s)}, {x}, {y})[0], scatter_sum(y, s)));
  EXPECT_TRUE(are_transposes([&](const Tensor& v) { return segment_sum(v, s); },
                             [&](const Tensor& v) { return segment_spread(v, s); }, random_tensor({entries, 21}, 2),
                             random_tensor({200, 21}, 3)));
}

TEST(Segment, AgreesWithLibTorchInEveryWidth) {
  const auto s = large(100);
  const Tensor receiver = at::repeat_interleave(at::arange(100), s.offsets.diff());
  for (std::int64_t width : {1, 2, 3, 4, 7, 16, 17, 37}) {
    for (auto type : {at::kFloat, at::kDouble}) {
      const Tensor x = random_tensor({s.index.size(0), width}, width).to(type);
      const Tensor expected = at::zeros({100, width}, x.options()).index_add_(0, receiver, x);
      EXPECT_TRUE(near(segment_sum(x, s), expected, type == at::kFloat ? 1e-6 : 1e-14)) << width;
      EXPECT_TRUE(at::equal(segment_spread(expected, s), expected.index_select(0, receiver))) << width;
    }
  }
}

// bfloat16 has no kernel of ours: it goes the way that CUDA tensors go. Small whole numbers are exact in it.
TEST(Segment, OwnKernelsAgreeWithTheOtherPath) {
  const auto s = large(100);
  const Tensor x = at::remainder(at::arange(s.index.size(0) * 3).reshape({-1, 3}) * 37, 11).to(at::kDouble) - 6;
  const Tensor other = x.to(at::kBFloat16);
  EXPECT_TRUE(at::equal(segment_sum(other, s).to(at::kDouble), segment_sum(x, s)));
  EXPECT_TRUE(at::equal(segment_max(other, s, -1).to(at::kDouble), segment_max(x, s, -1)));
  const Tensor nodes = segment_sum(x, s);
  EXPECT_TRUE(at::equal(segment_spread(nodes.to(at::kBFloat16), s).to(at::kDouble), segment_spread(nodes, s)));
}

TEST(Segment, HigherDimensionsAndStrides) {
  const auto s = small();
  const Tensor x = random_tensor({7, 3, 2});
  EXPECT_TRUE(at::equal(segment_sum(x, s), segment_sum(x.reshape({7, 6}), s).reshape({5, 3, 2})));
  EXPECT_TRUE(at::equal(segment_sum(x.select(1, 1), s), segment_sum(x, s).select(1, 1)));
  EXPECT_TRUE(at::equal(segment_sum(x.select(1, 1).select(1, 0), s), segment_sum(x, s).select(1, 1).select(1, 0)));
}

TEST(Segment, GradientsToSecondOrder) {
  const auto s = small();
  using Case = std::pair<const char*, TensorFunction>;
  const std::vector<Case> of_entries = {
      {"sum", [&](const Tensor& x) { return segment_sum(x * x * x, s); }},
      {"mean", [&](const Tensor& x) { return segment_mean(x * x * x, s); }},
      {"max", [&](const Tensor& x) { return segment_max(x * x * x, s).pow(2); }},
  };
  for (const auto& [name, f] : of_entries) {
    EXPECT_TRUE(check_gradient(f, random_tensor({7, 2}, 5))) << name;
    EXPECT_TRUE(check_second_gradient(f, random_tensor({7, 2}, 5))) << name;
  }
  const TensorFunction gathered = [&](const Tensor& x) { return gather(x * x * x, s).sin(); };
  const TensorFunction spread = [&](const Tensor& x) { return segment_spread(x.pow(3), s).sin(); };
  EXPECT_TRUE(check_gradient(gathered, random_tensor({4, 2}, 6)));
  EXPECT_TRUE(check_second_gradient(gathered, random_tensor({4, 2}, 6)));
  EXPECT_TRUE(check_gradient(spread, random_tensor({5, 2}, 6)));
  EXPECT_TRUE(check_second_gradient(spread, random_tensor({5, 2}, 6)));
}

TEST(Segment, MaximumSendsItsGradientToTheFirstOfEqualEntries) {
  const auto s = make_segments(longs({0, 3}), longs({0, 0, 0}), 1);
  const Tensor x = at::tensor({2.0, 2.0, 1.0}, at::kDouble).unsqueeze(1).requires_grad_(true);
  const Tensor g = torch::autograd::grad({segment_max(x, s).sum()}, {x})[0];
  EXPECT_TRUE(at::equal(g.squeeze(1), at::tensor({1.0, 0.0, 0.0}, at::kDouble)));
}

TEST(Segment, NothingToSum) {
  const auto s = make_segments(longs({0, 0, 0}), longs({}), 3);
  const Tensor none = at::zeros({0, 2}, at::kDouble).requires_grad_(true);
  EXPECT_TRUE(at::equal(segment_sum(none, s), at::zeros({2, 2}, at::kDouble)));
  EXPECT_TRUE(at::equal(segment_max(none, s, 3), at::full({2, 2}, 3.0, at::kDouble)));
  EXPECT_EQ(gather(at::zeros({3, 2}, at::kDouble), s).size(0), 0);
  EXPECT_EQ(torch::autograd::grad({segment_max(none, s).sum()}, {none})[0].numel(), 0);
}

TEST(Segment, SameBitsForAnyThreadCount) {
  const auto s = large(20000);
  const Tensor x = random_tensor({20000, 24}).to(at::kFloat).requires_grad_(true);
  const auto run = [&](int threads) {
    at::set_num_threads(threads);
    const Tensor y = segment_sum(gather(x, s).tanh(), s) + segment_max(gather(x, s), s);
    return std::pair(y.detach(), torch::autograd::grad({y.square().sum()}, {x})[0]);
  };
  const int before = at::get_num_threads();
  const auto one = run(1), two = run(2), three = run(3);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.first, two.first) && at::equal(one.first, three.first));
  EXPECT_TRUE(at::equal(one.second, two.second) && at::equal(one.second, three.second));
}

TEST(Segment, WrongShapesAndIndicesAreNamed) {
  const auto s = small();
  EXPECT_THROW(gather(random_tensor({5, 2}), s), Error);
  EXPECT_THROW(segment_sum(random_tensor({6, 2}), s), Error);
  EXPECT_THROW(scatter_sum(random_tensor({4, 2}), s), Error);
  EXPECT_THROW(segment_spread(random_tensor({7, 2}), s), Error);
  EXPECT_THROW(make_segments(longs({0, 1}), longs({4}), 4), Error);
  EXPECT_THROW(make_segments(longs({0, 2}), longs({0}), 4), Error);
  EXPECT_THROW(make_segments(longs({0, 2, 1, 3}), longs({0, 0, 0}), 1), Error);
}

}  // namespace
}  // namespace cotan
