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
}

}  // namespace
}  // namespace cotan
