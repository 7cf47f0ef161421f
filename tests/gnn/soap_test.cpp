#include "gnn/soap.h"

#include "core/check.h"
#include "gnn/optimiser.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using namespace testing_checks;
using at::Tensor;

// Vectors: Adam whose averages keep 0.95 of themselves, from the second step on.
TEST(Soap, VectorsGoByAdam) {
  const Tensor x = random_tensor({5}, 1), start = x.clone();
  std::map<std::string, Tensor> state;
  Soap optimiser({{"x", x}}, 0.01, state);
  Tensor expected = start, m = at::zeros_like(x), v = at::zeros_like(x);
  for (int k = 0; k < 5; ++k) {
    const Tensor g = random_tensor({5}, 10 + k);
    const double rate = 0.1 / (k + 1);
    optimiser.step({g}, rate, k);
    if (k == 0) continue;
    m = 0.95 * m + 0.05 * g;
    v = 0.95 * v + 0.05 * g * g;
    const double seen = 1 - std::pow(0.95, k);
    expected = expected * (1 - rate * 0.01) - rate * (m / seen) / ((v / seen).sqrt() + 1e-8);
  }
  EXPECT_TRUE(near(x, expected, 1e-6));
}

// Gradients that are turned turn the steps: no direction of rows or columns is preferred, unlike in Adam.
TEST(Soap, MatricesTurnWithTheirGradients) {
  const auto turn = [](std::int64_t n, std::uint64_t seed) {
    return std::get<0>(at::linalg_qr(random_tensor({n, n}, seed)));
  };
  const Tensor left = turn(5, 1), right = turn(5, 2), stretch = at::linspace(0.1, 3, 5, at::kDouble);
  const Tensor x = random_tensor({5, 5}, 3), y = at::matmul(at::matmul(left, x), right.t());
  std::map<std::string, Tensor> of_x, of_y;
  Soap first({{"w", x}}, 0.01, of_x), second({{"w", y}}, 0.01, of_y);
  for (int k = 0; k < 25; ++k) {  // past two changes of the bases
    const Tensor g = random_tensor({5, 5}, 20 + k) * stretch;
    first.step({g}, 0.1, k);
    second.step({at::matmul(at::matmul(left, g), right.t())}, 0.1, k);
  }
  EXPECT_TRUE(near(y, at::matmul(at::matmul(left, x), right.t()), 1e-7));
}

// A quadratic whose axes are hidden by rotations, with curvatures over four decades.
TEST(Soap, FindsHiddenAxes) {
  const Tensor left = std::get<0>(at::linalg_qr(random_tensor({8, 8}, 1)));
  const Tensor right = std::get<0>(at::linalg_qr(random_tensor({8, 8}, 2)));
  const Tensor curvature = at::logspace(0, -2, 8, 10.0, at::kDouble), both = at::outer(curvature, curvature);
  const auto into = [&](const Tensor& w) { return at::matmul(at::matmul(left.t(), w), right); };
  const auto value = [&](const Tensor& w) { return (both * into(w).square()).sum().item<double>(); };
  const auto gradient = [&](const Tensor& w) { return 2 * at::matmul(at::matmul(left, both * into(w)), right.t()); };
  const Tensor start = random_tensor({8, 8}, 3), a = start.clone(), b = start.clone();
  std::map<std::string, Tensor> of_a, of_b;
  Soap soap({{"w", a}}, 0, of_a);
  AdamW adam({{"w", b}}, 0, of_b);
  for (int k = 0; k < 200; ++k) {
    const double rate = learning_rate(k, 200, 0.05, 0.0005, "cosine");
    soap.step({gradient(a)}, rate, k);
    adam.step({gradient(b)}, rate, k);
  }
  EXPECT_LT(value(a), 0.1 * value(b));
  EXPECT_LT(value(a), 1e-4 * value(start));
}

TEST(Soap, GoesOnFromItsTensorsOnTheSameBits) {
  const Tensor x = random_tensor({7, 3}, 1);
  std::map<std::string, Tensor> state;
  Soap first({{"x", x}}, 0, state);
  for (int k = 0; k < 12; ++k) first.step({random_tensor({7, 3}, k)}, 0.1, k);
  const Tensor y = x.clone();
  std::map<std::string, Tensor> copy;
  for (const auto& [name, value] : state) copy[name] = value.clone();
  Soap second({{"x", y}}, 0, copy);
  for (int k = 12; k < 25; ++k) {
    first.step({random_tensor({7, 3}, k)}, 0.1, k);
    second.step({random_tensor({7, 3}, k)}, 0.1, k);
  }
  EXPECT_TRUE(at::equal(x, y));
  EXPECT_THROW(Soap({{"x", at::zeros({3, 7})}}, 0, copy), InputError);
}

}  // namespace
}  // namespace cotan
