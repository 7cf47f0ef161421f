#include "core/tensor_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/check.h"

namespace cotan {
namespace {

TEST(DTypes, NamesReadBack) {
  for (int i = 0; i <= static_cast<int>(DType::boolean); ++i) {
    const auto dtype = static_cast<DType>(i);
    EXPECT_EQ(dtype_from(to_string(dtype)), dtype);
  }
}

TEST(DTypes, SizesAreThoseOfTheNames) {
  EXPECT_EQ(size_of(DType::boolean), 1);
  for (const auto dtype :
       {DType::f64, DType::f32, DType::f16, DType::i64, DType::i32, DType::i16, DType::i8, DType::u8}) {
    EXPECT_EQ(8 * size_of(dtype), std::stoul(std::string(to_string(dtype).substr(1))));
  }
  EXPECT_EQ(size_of(DType::bf16), 2);
}

TEST(DTypes, AnUnknownNameListsThem) {
  try {
    dtype_from("F23");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("'F23'"), testing::HasSubstr("F64"),
                                             testing::HasSubstr("BOOL"), testing::HasSubstr("did you mean")));
  }
}

}  // namespace
}  // namespace cotan
