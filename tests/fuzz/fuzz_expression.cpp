// libFuzzer: a formula evaluates or is refused with an InputError.
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> names = {"x", "y", "z", "t", "viscosity"};
  try {
    const auto formula = cotan::Expression::parse({reinterpret_cast<const char*>(data), size}, names);
    formula(std::vector{0.3, -0.7, 0.0, 1.5, 1e-3});
  } catch (const cotan::InputError&) {
  }
  return 0;
}
