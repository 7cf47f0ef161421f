#include "core/tensor_file.h"

#include "core/check.h"

namespace cotan {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  std::size_t bytes;
};

// In the order of DType.
constexpr Row kRows[] = {
    {DType::f64, "F64", 8}, {DType::f32, "F32", 4},      {DType::f16, "F16", 2}, {DType::bf16, "BF16", 2},
    {DType::i64, "I64", 8}, {DType::i32, "I32", 4},      {DType::i16, "I16", 2}, {DType::i8, "I8", 1},
    {DType::u8, "U8", 1},   {DType::boolean, "BOOL", 1},
};

const Row& row(DType dtype) {
  const Row& found = kRows[static_cast<std::size_t>(dtype)];
  COTAN_ASSERT(found.dtype == dtype);
  return found;
}

}  // namespace

std::size_t size_of(DType dtype) {
  return row(dtype).bytes;
}
std::string_view to_string(DType dtype) {
  return row(dtype).name;
}

DType dtype_from(std::string_view name) {
  std::vector<std::string> names;
  for (const Row& r : kRows) {
    if (r.name == name) return r.dtype;
    names.emplace_back(r.name);
  }
  throw InputError(unknown_name("element type", name, names));
}

}  // namespace cotan
