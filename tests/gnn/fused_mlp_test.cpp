#include "gnn/fused_mlp.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/checks.h"

namespace cotan {
namespace {

using at::Tensor;

struct Setting {
  std::int64_t width = 32, segments = 90;
  int hidden = 2;
  bool row = false, links = true, sums = true, after = false, recompute = false;
};

// A perceptron, rows in segments of 0 to 13 (one of 400), and everything that it is a function of.
struct Problem {
  Mlp mlp;
  Segments links;
  Tensor x, row, source, segment;
  explicit Problem(const Setting& s) : Problem(s, Random(3, purpose::test), std::make_unique<std::uint64_t>(0)) {}

  std::vector<Tensor> leaves() const {
    std::vector<Tensor> all{x};
    for (const auto& t : {row, source, segment}) {
      if (t.defined()) all.push_back(t);
    }
    for (std::size_t l = 0; l < mlp.layers.size(); ++l) {
      all.push_back(mlp.layers[l].weight);
      if (l > 0) all.push_back(mlp.layers[l].bias);
    }
    all.push_back(mlp.norm_weight);
    all.push_back(mlp.norm_bias);
    return all;
  }

 private:
  Problem(const Setting& s, const Random& random, const std::unique_ptr<std::uint64_t>& drawn)
      : mlp(s.width, s.width, s.width, s.hidden, Activation::relu, true, random, drawn.get()) {
    std::vector<std::int64_t> offsets{0};
    for (std::int64_t i = 0; i < s.segments; ++i) offsets.push_back(offsets.back() + (i == 7 ? 400 : i * i % 14));
    const std::int64_t rows = offsets.back();
    const auto field = [&](std::int64_t n, std::uint64_t seed) {
      return testing_checks::random_tensor({n, s.width}, seed).to(at::kFloat).set_requires_grad(true);
    };
    x = field(rows, 1);
    if (s.row) row = field(rows, 2);
    if (s.links) {
      source = field(s.segments, 3);
      segment = field(s.segments, 4);
      links = make_segments(at::tensor(offsets), at::arange(rows).mul(37).remainder(s.segments), s.segments);
    }
    const at::NoGradGuard quiet;
    mlp.norm_weight.add_(0.3 * testing_checks::random_tensor({s.width}, 5).to(at::kFloat));
    mlp.norm_bias.add_(0.3 * testing_checks::random_tensor({s.width}, 6).to(at::kFloat));
  }
};

RowResult fused(const Problem& p, const Setting& s) {
  return fused_rows(p.mlp, p.mlp.layers.front().weight, p.x, {p.row, p.source, p.segment},
                    {s.links ? &p.links : nullptr, s.sums, s.after, s.recompute});
}

// The same by LibTorch's operations in double.
RowResult plain(const Problem& p, const Setting& s) {
  const auto d = [](const Tensor& t) { return t.to(at::kDouble); };
  Tensor z = at::matmul(d(p.x), d(p.mlp.layers[0].weight).t());
  if (p.row.defined()) z = z + d(p.row);
  if (p.source.defined()) z = z + d(p.source).index_select(0, p.links.index);
  if (p.segment.defined()) z = z + at::repeat_interleave(d(p.segment), p.links.offsets.diff(), 0);
  for (std::size_t l = 1; l < p.mlp.layers.size(); ++l) {
    z = at::matmul(at::relu(z), d(p.mlp.layers[l].weight).t()) + d(p.mlp.layers[l].bias);
  }
  const Tensor y = at::layer_norm(z, {z.size(1)}, d(p.mlp.norm_weight), d(p.mlp.norm_bias)), out = d(p.x) + y;
  if (!s.sums) return {out, {}};
  return {out, segment_sum(s.after ? out : y, p.links)};
}

Tensor functional(const RowResult& r) {
  const auto weights = [](const Tensor& t) { return testing_checks::random_tensor(t.sizes(), 9).to(t.scalar_type()); };
  Tensor value = (r.out * weights(r.out)).sum();
  if (r.sums.defined()) value = value + (r.sums * weights(r.sums)).sum();
  return value;
}

double difference(const Tensor& a, const Tensor& b) {
  return ((a.to(at::kDouble) - b.to(at::kDouble)).norm() / b.to(at::kDouble).norm()).item<double>();
}

std::vector<Setting> settings() {
  std::vector<Setting> list;
  for (const std::int64_t width : {16, 48, 128}) {
    for (const int hidden : {1, 2, 3}) list.push_back({.width = width, .hidden = hidden});
  }
  list.push_back({.after = true});
  list.push_back({.recompute = true});
  list.push_back({.row = true, .links = false, .sums = false});
  list.push_back({.row = true, .links = false, .sums = false, .recompute = true});
  list.push_back({.segments = 3});
  return list;
}

TEST(FusedMlp, AgreesWithPlainOperationsAndTheirGradients) {
  for (const auto& s : settings()) {
    const Problem p(s);
    const RowResult got = fused(p, s), expected = plain(p, s);
    EXPECT_LT(difference(got.out, expected.out), 1e-6);
    if (s.sums) {
      EXPECT_LT(difference(got.sums, expected.sums), 1e-6);
    }
    const auto leaves = p.leaves();
    const auto ours = torch::autograd::grad({functional(got)}, leaves);
    const auto theirs = torch::autograd::grad({functional(expected)}, leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      EXPECT_LT(difference(ours[i], theirs[i]), 2e-6)
          << "leaf " << i << ", width " << s.width << ", hidden " << s.hidden;
    }
    const at::NoGradGuard quiet;
    EXPECT_TRUE(at::equal(fused(p, s).out, got.out));
  }
}

TEST(FusedMlp, GivesTheSameBitsOnAnyNumberOfThreadsAndWithRecomputation) {
  const int before = at::get_num_threads();
  std::vector<Tensor> first;
  for (const bool recompute : {false, true}) {
    for (const int threads : {1, 2, 3}) {
      at::set_num_threads(threads);
      const Setting s{.segments = 400, .recompute = recompute};
      const Problem p(s);
      const RowResult got = fused(p, s);
      auto all = torch::autograd::grad({functional(got)}, p.leaves());
      all.push_back(got.out);
      all.push_back(got.sums);
      if (first.empty()) first = all;
      for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(at::equal(all[i], first[i])) << threads << " " << i;
    }
  }
  at::set_num_threads(before);
}

// A loss that is not finite must be seen, so no kernel may turn NaN into a number.
TEST(FusedMlp, PassesOnWhatIsNotANumber) {
  const Setting s{};
  Problem p(s);
  p.x.data()[5][3] = std::nan("");
  const RowResult got = fused(p, s);
  EXPECT_TRUE(at::isnan(got.out[5]).all().item<bool>());
  EXPECT_FALSE(at::isnan(got.out[4]).any().item<bool>());
}

TEST(FusedMlp, RefusesSecondDerivatives) {
  const Setting s{};
  const Problem p(s);
  EXPECT_THROW(torch::autograd::grad({functional(fused(p, s))}, {p.x}, {}, true, /*create_graph=*/true),
               std::exception);
}

TEST(FusedMlp, TakesSquareLayersOfFloatsOnly) {
  const Problem p(Setting{.width = 32});
  EXPECT_TRUE(can_fuse(p.mlp, p.x));
  EXPECT_FALSE(can_fuse(p.mlp, p.x.to(at::kDouble)));
  EXPECT_FALSE(can_fuse(p.mlp, p.x.narrow(1, 0, 16)));
  EXPECT_FALSE(can_fuse(Problem(Setting{.width = 24}).mlp, at::zeros({3, 24})));
}

}  // namespace
}  // namespace cotan
