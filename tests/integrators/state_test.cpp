#include "integrators/state.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/check.h"
#include "tests/checks.h"

namespace cotan {
namespace {

using testing_checks::near;
using testing_checks::random_tensor;

State mixed(std::uint64_t seed) {
  return State({{"velocity", On::dofs, random_tensor({6, 2}, seed)},
                {"pressure", On::dofs, random_tensor({3, 1}, seed + 1)},
                {"count", On::whole, at::arange(2) + static_cast<std::int64_t>(seed)}});
}

template <class Act>
std::string message_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(State, ArithmeticIsThatOfItsEntries) {
  const State a = mixed(1), b = mixed(5), c = mixed(9);
  const State sum = axpy(a, 0.5, b);
  EXPECT_TRUE(near(sum["velocity"], a["velocity"] + 0.5 * b["velocity"], 1e-15));
  EXPECT_TRUE(at::equal(sum["count"], a["count"])) << "carried along";
  EXPECT_TRUE(near(scaled(a, -2)["pressure"], -2 * a["pressure"], 1e-15));
  EXPECT_TRUE(at::equal(scaled(a, -2)["count"], a["count"]));
  const State all = combine(a, {2, 0, -1}, {b, c, c});
  EXPECT_TRUE(near(all["pressure"], a["pressure"] + 2 * b["pressure"] - c["pressure"], 1e-15));
  EXPECT_TRUE(at::equal(combine(a, {}, {})["velocity"], a["velocity"]));
}

TEST(State, NothingIsWrittenInPlace) {
  const State a = mixed(1);
  const at::Tensor before = a["velocity"].clone();
  const State copy = a.with("velocity", at::zeros({6, 2}, at::kDouble));
  axpy(a, 3, mixed(2));
  scaled(a, 3);
  combine(a, {1}, {mixed(2)});
  EXPECT_TRUE(at::equal(a["velocity"], before));
  EXPECT_TRUE(copy.has("pressure") && !copy.has("temperature"));
}

TEST(State, WithReplacesOrAppends) {
  const State a = mixed(1).with("cells", On::cells, at::ones({4}));
  EXPECT_EQ(a.entries().size(), 4);
  EXPECT_EQ(a.entries().back().on, On::cells);
  EXPECT_EQ(a.with("cells", On::whole, at::ones({1})).entries().back().on, On::whole);
}

TEST(State, SaysWhatIsWrong) {
  const State a = mixed(1);
  EXPECT_THAT(message_of([&] { a["presure"]; }),
              testing::AllOf(testing::HasSubstr("'presure'"), testing::HasSubstr("did you mean 'pressure'")));
  EXPECT_THAT(message_of([&] { a.with("u", at::ones({1})); }), testing::HasSubstr("velocity, pressure, count"));
  EXPECT_THAT(message_of([] {
                State({{"a", On::points, at::ones({1})}, {"a", On::cells, at::ones({1})}});
              }),
              testing::HasSubstr("'a' twice"));
  const State other({{"velocity", On::dofs, at::ones({6, 2})}});
  EXPECT_THAT(message_of([&] { axpy(a, 1, other); }), testing::HasSubstr("states of different entries"));
  EXPECT_THAT(message_of([&] { axpy(other, 1, other.with("velocity", at::ones({2}))); }),
              testing::HasSubstr("velocity: shape (2), expected (6, 2)"));
}

TEST(State, FiniteLooksAtEveryFloatingEntry) {
  const State a = mixed(1);
  EXPECT_TRUE(all_finite(a));
  EXPECT_TRUE(all_finite(State()));
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()}) {
    at::Tensor pressure = a["pressure"].clone();
    pressure[2][0] = bad;
    EXPECT_FALSE(all_finite(a.with("pressure", pressure)));
  }
}

TEST(State, DetachAndConvert) {
  const State a = mixed(1).with("velocity", at::ones({2, 2}, at::kDouble).requires_grad_(true));
  EXPECT_FALSE(detached(a)["velocity"].requires_grad());
  const State single = to(a, at::TensorOptions().dtype(at::kFloat));
  EXPECT_EQ(single["pressure"].scalar_type(), at::kFloat);
  EXPECT_EQ(single["count"].scalar_type(), at::kLong);
}

}  // namespace
}  // namespace cotan
