// libFuzzer: any bytes as a solution of SU2 on the unit square of four points.
#include <cstdlib>

#include "io/su2_solution.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return cotan::read_or_refuse([&] {
    cotan::MeshData mesh;
    mesh.dim = 2;
    mesh.points = {0, 0, 1, 0, 1, 1, 0, 1};
    cotan::Source source(std::as_bytes(std::span(data, size)), "fuzz.csv");
    for (const auto& field : cotan::read_su2_solution(source, mesh)) {
      if (field.values.size() != 4 * std::size_t(field.spec.components)) std::abort();
    }
  });
}
