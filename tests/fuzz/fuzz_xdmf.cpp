// libFuzzer: any bytes as an XDMF file: its document with what that includes, and the meshes and attributes of its
// grids, from numbers in the XML, from the file itself as raw numbers, or from HDF5 files that are not there.
#include <algorithm>

#include "io/xdmf_layout.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto path = cotan::fuzz_file("fuzz.xdmf", {data, size});
  return cotan::read_or_refuse([&] {
    const auto layout = cotan::read_xdmf_layout(path);
    const std::size_t frames = std::min<std::size_t>(layout.frames.size(), 20);
    for (std::size_t k = 0; k < frames; ++k) {
      cotan::read_or_refuse([&] {
        const auto rows = cotan::read_xdmf_mesh(layout, layout.frames[k].grid);
        const cotan::Mesh mesh(rows.data);
        for (const auto& attribute : layout.frames[k].attributes) {
          const auto count = attribute.on == cotan::On::cells ? mesh.num_cells() : mesh.num_points();
          cotan::read_or_refuse([&] { cotan::read_xdmf_attribute(attribute, layout, k, count); });
        }
      });
    }
  });
}
