#include "gnn/row_linear.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/checks.h"

namespace cotan {
namespace {

using at::Tensor;
using testing_checks::random_tensor;

struct Problem {
  Tensor x, whole, weight, bias;  // the weight is a part of a wider one
  Problem(std::int64_t rows, std::int64_t in, std::int64_t out) {
    const auto leaf = [](at::IntArrayRef shape, std::uint64_t seed) {
      return random_tensor(shape, seed).to(at::kFloat).set_requires_grad(true);
    };
    x = leaf({rows, in}, 1);
    whole = leaf({out, in + 32}, 2);
    weight = whole.narrow(1, 16, in);
    bias = leaf({out}, 3);
  }
};

double difference(const Tensor& a, const Tensor& b) {
  return ((a.to(at::kDouble) - b.to(at::kDouble)).norm() / b.to(at::kDouble).norm().clamp_min(1e-30)).item<double>();
}

Tensor in_double(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const Tensor y = at::matmul(x.to(at::kDouble), weight.to(at::kDouble).t());
  return bias.defined() ? y + bias.to(at::kDouble) : y;
}

// Row counts below, at and above the kernels' tiles and parts; widths that are not square; one that they do not serve.
TEST(RowLinear, AgreesWithDoubleAndItsGradients) {
  for (const auto [rows, in, out] : {std::array<std::int64_t, 3>{1, 16, 16},
                                     {7, 48, 16},
                                     {120, 16, 64},
                                     {121, 64, 48},
                                     {1500, 64, 64},
                                     {300, 96, 32},
                                     {40, 3, 16},
                                     {40, 16, 3}}) {
    const Problem p(rows, in, out);
    for (const bool has_bias : {true, false}) {
      const Tensor bias = has_bias ? p.bias : Tensor();
      const Tensor got = row_linear(p.x, p.weight, bias), expected = in_double(p.x, p.weight, bias);
      EXPECT_EQ(got.scalar_type(), at::kFloat);
      EXPECT_LT(difference(got, expected), 1e-6) << rows << ' ' << in << ' ' << out;
      const Tensor along = random_tensor(got.sizes(), 4);
      std::vector<Tensor> leaves{p.x, p.whole};
      if (has_bias) leaves.push_back(p.bias);
      const auto ours = torch::autograd::grad({(got * along.to(at::kFloat)).sum()}, leaves);
      const auto theirs = torch::autograd::grad({(expected * along).sum()}, leaves);
      for (std::size_t i = 0; i < leaves.size(); ++i) EXPECT_LT(difference(ours[i], theirs[i]), 2e-6);
    }
  }
}

TEST(RowLinear, HasSecondDerivatives) {
  const Problem p(70, 32, 16);
  const auto second = [&](const Tensor& y) {
    const auto first = torch::autograd::grad({y.square().sum()}, {p.x}, {}, true, /*create_graph=*/true);
    return torch::autograd::grad({first[0].square().sum()}, {p.x, p.whole, p.bias});
  };
  const auto ours = second(row_linear(p.x, p.weight, p.bias)), theirs = second(in_double(p.x, p.weight, p.bias));
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_LT(difference(ours[i], theirs[i]), 1e-5) << i;
}

TEST(RowLinear, HasTheSameBitsOnAnyNumberOfThreads) {
  const Problem p(3000, 48, 32);
  const int threads = at::get_num_threads();
  const auto all = [&](int count) {
    at::set_num_threads(count);
    const Tensor y = row_linear(p.x, p.weight, p.bias);
    auto out = torch::autograd::grad({y.square().sum()}, {p.x, p.whole, p.bias});
    out.push_back(y.detach());
    return out;
  };
  const auto one = all(1), three = all(3);
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(at::equal(one[i], three[i])) << i;
}

TEST(RowLinear, TakesNoRows) {
  const Tensor y = row_linear(at::empty({0, 16}, at::kFloat), at::ones({32, 16}, at::kFloat));
  EXPECT_EQ(y.sizes(), (at::IntArrayRef{0, 32}));
}

}  // namespace
}  // namespace cotan
