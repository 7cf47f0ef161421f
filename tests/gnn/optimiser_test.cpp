#include "gnn/optimiser.h"

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;

TEST(AdamW, FollowsItsFormula) {
  const at::Tensor x = random_tensor({5}, 1), start = x.clone();
  std::map<std::string, at::Tensor> state;
  AdamW optimiser({{"x", x}}, 0.01, state);
  at::Tensor expected = start, m = at::zeros_like(x), v = at::zeros_like(x);
  for (int k = 0; k < 5; ++k) {
    const at::Tensor g = random_tensor({5}, 10 + k);
    const double rate = 0.1 / (k + 1);
    optimiser.step({g}, rate, k);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const at::Tensor m_hat = m / (1 - std::pow(0.9, k + 1)), v_hat = v / (1 - std::pow(0.999, k + 1));
    expected = expected * (1 - rate * 0.01) - rate * m_hat / (v_hat.sqrt() + 1e-8);
  }
  EXPECT_TRUE(near(x, expected, 1e-6));
  EXPECT_TRUE(near(state.at("exp_avg.x"), m, 1e-14));
  EXPECT_TRUE(near(state.at("exp_avg_sq.x"), v, 1e-14));
}

TEST(AdamW, GoesOnFromItsTensorsOnTheSameBits) {
  const at::Tensor x = random_tensor({7}, 1);
  std::map<std::string, at::Tensor> state;
  AdamW first({{"x", x}}, 0, state);
  for (int k = 0; k < 3; ++k) first.step({random_tensor({7}, k)}, 0.1, k);
  const at::Tensor y = x.clone();
  std::map<std::string, at::Tensor> copy;
  for (const auto& [name, value] : state) copy[name] = value.clone();
  AdamW second({{"x", y}}, 0, copy);
  for (int k = 3; k < 6; ++k) {
    first.step({random_tensor({7}, k)}, 0.1, k);
    second.step({random_tensor({7}, k)}, 0.1, k);
  }
  EXPECT_TRUE(at::equal(x, y));
  EXPECT_THROW(AdamW({{"x", at::zeros({3})}}, 0, copy), InputError);
}

// By hand: it keeps 1/10, then 2/11, … of itself, at most what is asked.
TEST(ParameterAverage, FollowsItsFormula) {
  const at::Tensor x = at::full({2}, 1.0, at::kDouble);
  std::map<std::string, at::Tensor> state;
  ParameterAverage average({{"x", x}}, 0.15, state);
  EXPECT_TRUE(at::equal(state.at("average.x"), x));
  double expected = 1;
  for (std::int64_t step = 0; step < 4; ++step) {
    x.fill_(2.0 + static_cast<double>(step));
    average.update(step);
    const double keep = step == 0 ? 0.1 : 0.15;
    expected = keep * expected + (1 - keep) * (2.0 + static_cast<double>(step));
    EXPECT_NEAR(state.at("average.x")[0].item<double>(), expected, 1e-15);
  }
  average.swap();
  EXPECT_NEAR(x[1].item<double>(), expected, 1e-15);
  EXPECT_EQ(state.at("average.x")[1].item<double>(), 5);
  average.swap();
  EXPECT_EQ(x[1].item<double>(), 5);
}

TEST(LearningRate, DecaysExponentiallyFromFirstToLast) {
  EXPECT_DOUBLE_EQ(learning_rate(0, 101, 1e-3, 1e-5), 1e-3);
  EXPECT_DOUBLE_EQ(learning_rate(50, 101, 1e-3, 1e-5), 1e-4);
  EXPECT_DOUBLE_EQ(learning_rate(100, 101, 1e-3, 1e-5), 1e-5);
  EXPECT_DOUBLE_EQ(learning_rate(200, 101, 1e-3, 1e-5), 1e-5);
  EXPECT_DOUBLE_EQ(learning_rate(0, 1, 1e-3, 1e-5), 1e-3);
  EXPECT_DOUBLE_EQ(learning_rate(0, 101, 1e-3, 1e-5, "cosine"), 1e-3);
  EXPECT_DOUBLE_EQ(learning_rate(50, 101, 1e-3, 1e-5, "cosine"), 0.505e-3);
  EXPECT_DOUBLE_EQ(learning_rate(25, 101, 1e-3, 1e-5, "cosine"), 1e-5 + 0.99e-3 * (1 + std::sqrt(0.5)) / 2);
  EXPECT_DOUBLE_EQ(learning_rate(300, 101, 1e-3, 1e-5, "cosine"), 1e-5);
  EXPECT_DOUBLE_EQ(learning_rate(70, 101, 1e-3, 1e-5, "constant"), 1e-3);
}

TEST(FlatGradients, AreOneVectorWithViews) {
  const std::vector<NamedTensor> parameters{{"a", at::zeros({2, 3})}, {"b", at::zeros({4})}};
  const FlatGradients gradients = flatten({at::ones({2, 3}) * 2, at::Tensor()}, parameters);
  EXPECT_EQ(gradients.flat.numel(), 10);
  EXPECT_EQ(gradients.views[1].sum().item<double>(), 0);
  gradients.flat.mul_(3);
  EXPECT_TRUE(near(gradients.views[0], at::full({2, 3}, 6.0), 0));
}

}  // namespace
}  // namespace cotan
