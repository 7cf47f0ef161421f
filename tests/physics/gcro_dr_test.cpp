#include "physics/gcro_dr.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/check.h"
#include "core/random.h"
#include "integrators/krylov.h"
#include "tests/physics/grid_matrix.h"

namespace cotan {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<double>;

// A nonsymmetric matrix of a sequence: a stream past a coefficient that changes a little with `draw`.
SparseMatrix member(int n, double draw) {
  return test::grid_matrix(n, 0.4, [=](double x, double y) { return 1 + 0.8 * std::sin(7 * x + 0.05 * draw) * y; });
}

Values right(std::size_t n, std::uint64_t draw) {
  const Random random(3, purpose::test, draw);
  Values b(n);
  for (std::size_t i = 0; i < n; ++i) b[i] = random.normal(i);
  return b;
}

double norm(const Values& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}

double residual(const SparseMatrix& a, const Values& x, const Values& b) {
  Values r = multiply(a, x);
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = b[i] - r[i];
  return norm(r) / norm(b);
}

LinearMap preconditioner(const std::string& name, const SparseMatrix& a) {
  return name == "jacobi" ? jacobi(a) : name == "ilu0" ? ilu0(a) : LinearMap();
}

TEST(GcroDr, IsGmresOnTheFirstSystem) {
  const SparseMatrix a = member(12, 0);
  const Values b = right(a.rows(), 0);
  GcroDrOptions options;
  options.subspace = 140;
  options.tolerance = 1e-9;
  RecycledSpace space;
  const GcroDrResult found = gcro_dr(product_with(a), b, space, options);
  KrylovOptions krylov{1e-9, 140, 1000};
  const KrylovResult other = gmres(
      [&](const at::Tensor& x) {
        const Values y = multiply(a, {x.data_ptr<double>(), static_cast<std::size_t>(x.numel())});
        return at::tensor(y, at::kDouble);
      },
      at::tensor(b, at::kDouble), krylov);
  EXPECT_EQ(found.iterations, other.iterations);
  EXPECT_NEAR(found.history.back(), other.residual, 1e-3 * other.residual);
  for (std::size_t i = 0; i < b.size(); ++i) EXPECT_NEAR(found.x[i], other.x[i].item<double>(), 1e-9);
  for (std::size_t i = 1; i < found.history.size(); ++i) EXPECT_LE(found.history[i], found.history[i - 1] * (1 + 1e-9));
}

TEST(GcroDr, KeepsItsRelationsAndItsToleranceThroughASequence) {
  for (const std::string name : {"none", "jacobi", "ilu0"}) {
    RecycledSpace space;
    GcroDrOptions options;
    options.subspace = 25;
    options.recycle = 8;
    for (int draw = 0; draw < 4; ++draw) {
      const SparseMatrix a = member(20, draw);
      const std::size_t n = a.rows();
      const Values b = right(n, draw);
      const LinearMap m = preconditioner(name, a), product = product_with(a);
      const GcroDrResult found = gcro_dr(product, b, space, options, m);
      EXPECT_LT(residual(a, found.x, b), 1.001e-8) << name;
      ASSERT_EQ(space.directions(n), 8u);
      double worst = 0, largest = 0;
      Values conditioned(n), image(n);
      for (std::size_t j = 0; j < 8; ++j) {
        const std::span<const double> u(&space.u[j * n], n), c(&space.c[j * n], n);
        if (m) m(u, conditioned);
        product(m ? std::span<const double>(conditioned) : u, image);
        for (std::size_t i = 0; i < n; ++i) worst = std::max(worst, std::abs(image[i] - c[i]));
        for (std::size_t k = 0; k < 8; ++k) {
          const double dot = std::inner_product(c.begin(), c.end(), &space.c[k * n], 0.0);
          largest = std::max(largest, std::abs(dot - (j == k ? 1 : 0)));
        }
      }
      EXPECT_LT(worst, 1e-10) << name;
      EXPECT_LT(largest, 1e-13) << name;
    }
  }
}

struct Work {
  int iterations = 0, products = 0;
};

Work work_of_sequence(int recycle, const std::string& name, double change) {
  RecycledSpace space;
  GcroDrOptions options;
  options.recycle = recycle;
  Work work;
  for (int draw = 0; draw < 6; ++draw) {
    const SparseMatrix a = member(30, change * draw);
    const auto found = gcro_dr(product_with(a), right(a.rows(), draw), space, options, preconditioner(name, a));
    work.iterations += found.iterations;
    work.products += found.products;
  }
  return work;
}

// ILU(0) leaves so few iterations here that to take up what is recycled costs what it saves.
TEST(GcroDr, NeedsLessWorkInASequenceThatVariesSlowly) {
  for (const std::string name : {"none", "jacobi", "ilu0"}) {
    const Work without = work_of_sequence(0, name, 1), with = work_of_sequence(10, name, 1);
    std::printf("%s: %d iterations, %d products; recycling %d, %d\n", name.c_str(), without.iterations,
                without.products, with.iterations, with.products);
    EXPECT_LT(with.iterations, 0.8 * without.iterations) << name;
    EXPECT_LT(with.products, (name == "ilu0" ? 1.1 : 0.75) * without.products) << name;
    EXPECT_LT(with.iterations, work_of_sequence(10, name, 30).iterations) << name;  // which varies fast
  }
}

// Five values near 0 hold GMRES up; with their vectors recycled the rest, within [1, 2], is left.
TEST(GcroDr, RecyclesWhatHoldsTheFirstSystemUp) {
  const std::size_t n = 300;
  Values few(n), all(n);
  for (std::size_t i = 0; i < n; ++i) few[i] = all[i] = 1 + static_cast<double>(i) / n;
  for (std::size_t i = 0; i < 5; ++i) all[i] = 0.01 * (i + 1.0);
  const auto times = [](const Values& d) -> LinearMap {
    return [&d](std::span<const double> x, std::span<double> y) {
      for (std::size_t i = 0; i < x.size(); ++i) y[i] = d[i] * x[i];
    };
  };
  GcroDrOptions options;
  options.subspace = 40;
  options.recycle = 5;
  RecycledSpace space, none;
  const int first = gcro_dr(times(all), right(n, 0), space, options).iterations;
  const int second = gcro_dr(times(all), right(n, 1), space, options).iterations;
  const int easy = gcro_dr(times(few), right(n, 1), none, options).iterations;
  EXPECT_GT(first, easy + 5);
  EXPECT_LE(second, easy + 1);
}

TEST(GcroDr, SolvesSmallSystemsExactly) {
  const SparseMatrix a = member(2, 0);
  RecycledSpace space;
  for (int draw = 0; draw < 3; ++draw) {
    const Values b = right(a.rows(), draw);
    EXPECT_LT(residual(a, gcro_dr(product_with(a), b, space).x, b), 1e-12);
  }
  const GcroDrResult nothing = gcro_dr(product_with(a), Values(a.rows(), 0), space);
  EXPECT_EQ(nothing.products, 0);
  EXPECT_EQ(norm(nothing.x), 0);
}

std::string failure(const LinearMap& a, const Values& b, GcroDrOptions options) {
  RecycledSpace space;
  try {
    gcro_dr(a, b, space, options);
  } catch (const NumericsError& error) {
    EXPECT_TRUE(space.u.empty());
    return error.what();
  }
  return "";
}

TEST(GcroDr, ReportsWhereItCannotGoOn) {
  GcroDrOptions options;
  options.subspace = 10;
  options.recycle = 4;
  const Values b = right(50, 0);
  const LinearMap nothing = [](std::span<const double>, std::span<double> y) { std::fill(y.begin(), y.end(), 0); };
  EXPECT_THAT(failure(nothing, b, options), HasSubstr("singular on the directions searched"));
  const LinearMap broken = [](std::span<const double> x, std::span<double> y) {
    std::copy(x.begin(), x.end(), y.begin());
    y[3] = NAN;
  };
  EXPECT_THAT(failure(broken, b, options), HasSubstr("not finite"));
  // the unit vectors pushed around: no residual falls before all n directions are there
  const LinearMap shift = [](std::span<const double> x, std::span<double> y) {
    for (std::size_t i = 0; i < x.size(); ++i) y[(i + 1) % x.size()] = x[i];
  };
  Values unit(50, 0.0);
  unit[0] = 1;
  options.recycle = 0;
  EXPECT_THAT(failure(shift, unit, options), HasSubstr("GMRES: the residual stagnates after 33 products"));
  EXPECT_THAT(failure(shift, unit, options), HasSubstr("it went 1 1"));
  const SparseMatrix slow = member(40, 0);
  options.most_iterations = 50;
  EXPECT_THAT(failure(product_with(slow), right(slow.rows(), 0), options), HasSubstr("given up after 5"));
  options.recycle = 10;
  EXPECT_THROW(failure(nothing, b, options), InputError);
}

}  // namespace
}  // namespace cotan
