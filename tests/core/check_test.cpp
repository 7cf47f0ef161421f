#include "core/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cotan {
namespace {

const std::vector<std::string> kNames = {"velocity", "pressure", "T"};

TEST(Check, UnknownNamesListAndSuggest) {
  EXPECT_EQ(unknown_name("field", "presure", kNames),
            "unknown field 'presure' (did you mean 'pressure'?); there are: velocity, pressure, T");
  EXPECT_EQ(unknown_name("field", "zzzz", kNames), "unknown field 'zzzz'; there are: velocity, pressure, T");
  EXPECT_EQ(unknown_name("field", "u", {}), "unknown field 'u'; there are: nothing");
}

TEST(Check, RequireThrowsWhatIsStreamed) {
  EXPECT_NO_THROW(COTAN_REQUIRE(true, "no"));
  try {
    COTAN_REQUIRE(1 > 2, "dt: " << -1 << " s");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "dt: -1 s");
  }
}

TEST(Check, ShapesMayLeaveExtentsOpen) {
  const std::vector<std::int64_t> shape = {4, 2};
  EXPECT_NO_THROW(check_shape(shape, {-1, 2}, "u"));
  EXPECT_NO_THROW(check_shape(shape, shape, "u"));
  try {
    check_shape(shape, {-1, 3}, "u");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "u: shape (4, 2), expected (any, 3)");
  }
  EXPECT_THROW(check_shape(shape, {4}, "u"), Error);
}

}  // namespace
}  // namespace cotan
