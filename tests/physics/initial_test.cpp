#include "physics/initial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/check.h"
#include "mesh/generate.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

const FieldSpec kScalar{"u", 1, On::points, ""};

std::vector<double> draw(const std::string& yaml, const Mesh& mesh, std::uint64_t number = 0,
                         const FieldSpec& field = kScalar) {
  return initial_values(Config::parse_text(yaml), field, mesh, {{"a", 2.0}}, 7, number);
}

std::string message(const std::string& yaml) {
  try {
    draw(yaml, rectangle(4, 4));
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(Initial, EvaluatesExpressionsWithParameters) {
  const Mesh mesh = rectangle(3, 2);
  const Config entry = Config::parse_text("u: [a*x - y]")["u"];
  const auto u = initial_values(entry, kScalar, mesh, {{"a", 2.0}}, 7, 0);
  for (Index p = 0; p < mesh.num_points(); ++p) EXPECT_DOUBLE_EQ(u[p], 2 * mesh.point(p)[0] - mesh.point(p)[1]);
}

TEST(Initial, DrawsDependOnTheDrawAndNotOnTheOrderOfPoints) {
  const Mesh mesh = rectangle(8, 8), other = reordered(mesh, hilbert_order(mesh));
  for (const char* form : {"{random_blobs: {count: [1, 4]}}", "{random_fourier: {modes: 3}}"}) {
    const auto first = draw(form, mesh, 0), second = draw(form, mesh, 1), same = draw(form, mesh, 0);
    EXPECT_EQ(first, same);
    EXPECT_GT(test::largest_difference(first, second), 0.05);
    EXPECT_EQ(draw(form, other), permuted<double>(first, hilbert_order(mesh), 1));
    EXPECT_NE(first, draw(form, mesh, 0, {"v", 1, On::points, ""}));
  }
}

// One blob with fixed width and amplitude: the largest value is near the amplitude at the centre, and the integral is
// that of the Gaussian, 2 pi width^2 amplitude, where its centre keeps five widths from the border.
TEST(Initial, ABlobIsAGaussian) {
  const Mesh mesh = rectangle(60, 60);
  for (std::uint64_t number = 0; number < 5; ++number) {
    const auto u = draw("{random_blobs: {count: 1, width: 0.05, amplitude: 2, margin: 0.25}}", mesh, number);
    EXPECT_NEAR(test::integral(mesh, u), 2 * std::numbers::pi * 0.05 * 0.05 * 2, 1e-5);
    EXPECT_NEAR(*std::max_element(u.begin(), u.end()), 2, 0.06);
  }
}

TEST(Initial, BlobsStayInTheirRegion) {
  const Mesh mesh = rectangle(40, 40);
  for (std::uint64_t number = 0; number < 20; ++number) {
    const auto u =
        draw("{random_blobs: {count: 1, width: 0.02, amplitude: 1, within: [[0.1, 0.3], [0.4, 0.9]]}}", mesh, number);
    const auto at = mesh.point(static_cast<Index>(std::max_element(u.begin(), u.end()) - u.begin()));
    EXPECT_TRUE(at[0] > 0.08 && at[0] < 0.32 && at[1] > 0.38 && at[1] < 0.92) << at[0] << " " << at[1];
  }
}

// Over many draws the mean is 0 and the mean square is amplitude^2, and the field is periodic over the box.
TEST(Initial, AFourierSeriesHasItsVariance) {
  const Mesh mesh = rectangle(6, 6, {2, 1});
  double mean = 0, square = 0;
  constexpr int kDraws = 2000;
  for (int number = 0; number < kDraws; ++number) {
    const auto u = draw("{random_fourier: {modes: 2, amplitude: 3, decay: 1}}", mesh, number);
    mean += u[10] / kDraws;
    square += u[10] * u[10] / kDraws;
    EXPECT_NEAR(u.front(), u.back(), 1e-11);
  }
  EXPECT_NEAR(mean, 0, 5 * 3 / std::sqrt(kDraws));
  EXPECT_NEAR(square, 9, 5 * 9 * std::sqrt(2.0 / kDraws));
}

// Over many draws: mean, variance and covariance at distances of half a length, one and two, also through the border
// where it is periodic, and next to nothing there where it is not.
TEST(Initial, AGaussianFieldHasItsCovariance) {
  const Mesh mesh = rectangle(10, 5, {1, 0.5});
  constexpr int kDraws = 4000;
  for (const bool periodic : {false, true}) {
    const std::string form = std::string("{gaussian_random_field: {length: 0.2, amplitude: 2, mean: 1, periodic: ") +
                             (periodic ? "true" : "false") + "}}";
    std::vector<double> mean(mesh.num_points()), square(mesh.num_points());
    for (int number = 0; number < kDraws; ++number) {
      const auto u = draw(form, mesh, number);
      for (Index p = 0; p < mesh.num_points(); ++p) {
        mean[p] += u[p] / kDraws;
        square[p] += (u[p] - 1) * (u[22] - 1) / kDraws;  // point 22 is at (0, 0.2)
      }
      if (periodic) {
        EXPECT_NEAR(u[22], u[32], 1e-10);  // the other side
      }
    }
    const double error = 5 * 4 * std::sqrt(2.0 / kDraws);
    for (int i = 0; i <= 10; ++i) {
      const double r = periodic ? std::min(i, 10 - i) * 0.1 : i * 0.1;
      EXPECT_NEAR(square[22 + i], 4 * std::exp(-r * r / (2 * 0.2 * 0.2)), error) << i << " " << periodic;
      EXPECT_NEAR(mean[22 + i], 1, 5 * 2 / std::sqrt(kDraws));
    }
  }
}

// The benchmark's fields: their largest value on a grid of 129 points is 1, they are periodic, and the root mean square
// of their Laplacian is the one of the published data, 367 to 372.
TEST(Initial, RandomWavesAreThoseOfTheBenchmark) {
  constexpr int n = 128, kDraws = 40;
  const Mesh mesh = rectangle(n, n);
  double square = 0;
  for (int number = 0; number < kDraws; ++number) {
    const auto u = draw("{random_waves: {waves: 12}}", mesh, number);
    EXPECT_NEAR(*std::max_element(u.begin(), u.end()), 1, 1e-9);
    const auto at = [&](int i, int j) { return u[(j + n) % n * (n + 1) + (i + n) % n]; };
    for (int j = 0; j < n; j += 4) {
      EXPECT_NEAR(u[j * (n + 1)], u[j * (n + 1) + n], 1e-9);
      for (int i = 0; i < n; i += 4) {
        double laplacian = -60 * at(i, j);
        for (const int s : {-1, 1})
          laplacian += 16 * (at(i + s, j) + at(i, j + s)) - at(i + 2 * s, j) - at(i, j + 2 * s);
        square += std::pow(laplacian * n * n / 12, 2) / (kDraws * n * n / 16);
      }
    }
  }
  EXPECT_NEAR(std::sqrt(square), 369, 12);
}

// Seeds are at the same places for all fields; their area is what their number and size say.
TEST(Initial, SeedsAreWhereOtherFieldsHaveThem) {
  const Mesh mesh = rectangle(80, 80);
  const std::string options = "count: 3, size: 0.06, margin: 0.1, ";
  const auto v = draw("{random_seeds: {" + options + "inside: 0.25}}", mesh, 1, {"v", 1, On::points, ""});
  const auto u = draw("{random_seeds: {" + options + "inside: 0.5, outside: 1}}", mesh, 1);
  for (std::size_t p = 0; p < u.size(); ++p) EXPECT_NEAR(u[p], 1 - 2 * v[p], 1e-14);
  EXPECT_NE(v, draw("{random_seeds: {" + options + "inside: 0.25}}", mesh, 2));
  double area = 0;
  const int kDraws = 30;
  for (int number = 0; number < kDraws; ++number) {
    area += test::integral(mesh, draw("{random_seeds: {count: 1, size: 0.1, inside: 1, shape: square, periodic: true}}",
                                      mesh, number)) /
            kDraws;
  }
  EXPECT_NEAR(area, 0.2 * 0.2, 0.006);
  const auto bump = draw("{random_seeds: {count: 1, size: 0.05, inside: 2, shape: bump, margin: 0.25}}", mesh);
  EXPECT_NEAR(test::integral(mesh, bump), 2 * std::numbers::pi * 0.05 * 0.05 * 2, 1e-4);
}

TEST(Initial, NoiseIsOfThePlaceAndSumsAdd) {
  const Mesh mesh = rectangle(40, 40), other = reordered(mesh, hilbert_order(mesh));
  const std::string form = "{random_noise: {amplitude: 0.5, mean: 2}}";
  const auto u = draw(form, mesh);
  EXPECT_EQ(draw(form, other), permuted<double>(u, hilbert_order(mesh), 1));
  double mean = 0, square = 0;
  for (const double x : u) mean += x / u.size(), square += (x - 2) * (x - 2) / u.size();
  EXPECT_NEAR(mean, 2, 0.05);
  EXPECT_NEAR(square, 0.25, 0.04);
  const auto twice = draw("{sum: [\"x\", {random_noise: {amplitude: 1}}, {random_noise: {amplitude: 1}}]}", mesh);
  double variance = 0;
  for (Index p = 0; p < mesh.num_points(); ++p) variance += std::pow(twice[p] - mesh.point(p)[0], 2) / u.size();
  EXPECT_NEAR(variance, 2, 0.3);  // 4 if both were the same
}

TEST(Initial, ComponentsAreDrawnApart) {
  const Mesh mesh = rectangle(5, 5);
  const auto u = draw("{random_blobs: {count: 2}}", mesh, 0, {"velocity", 2, On::points, "m/s"});
  ASSERT_EQ(u.size(), std::size_t(2 * mesh.num_points()));
  double largest = 0;
  for (Index p = 0; p < mesh.num_points(); ++p) largest = std::max(largest, std::abs(u[2 * p] - u[2 * p + 1]));
  EXPECT_GT(largest, 0.01);
}

TEST(Initial, SaysWhatIsWrong) {
  using ::testing::HasSubstr;
  EXPECT_THAT(message("{random_blob: {}}"), HasSubstr("random_blobs"));
  EXPECT_THAT(message("{random_blobs: {width: 0}}"), HasSubstr("width"));
  EXPECT_THAT(message("{random_blobs: {margin: 0.7}}"), HasSubstr("margin"));
  EXPECT_THAT(message("{random_blobs: {amplitude: [2, 1]}}"), HasSubstr("above high"));
  EXPECT_THAT(message("{random_fourier: {modes: 0}}"), HasSubstr("modes"));
  EXPECT_THAT(message("{random_fourier: {colour: 0}}"), HasSubstr("colour"));
  EXPECT_THAT(message("{gaussian_random_field: {}}"), HasSubstr("length"));
  EXPECT_THAT(message("{gaussian_random_field: {length: 1e-6}}"), HasSubstr("waves over this mesh"));
  EXPECT_THAT(message("{random_seeds: {inside: 1}}"), HasSubstr("size above 0"));
  EXPECT_THAT(message("{random_seeds: {inside: 1, size: 1, shape: star}}"), HasSubstr("square"));
  EXPECT_THAT(message("{sum: [{random_noise: {amplitud: 1}}]}"), HasSubstr("amplitud"));
}

}  // namespace
}  // namespace cotan
