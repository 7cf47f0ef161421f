// libFuzzer: any bytes as a classic NetCDF file and in it Exodus II: the mesh and the first frame of each field.
#include "io/exodus_layout.h"
#include "io/netcdf.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return -1;
  return cotan::read_or_refuse([&] {
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::shared_ptr<const cotan::ArrayFile> file =
        cotan::open_netcdf_classic(cotan::ByteSource::memory(bytes, "fuzz.e"));
    for (const auto& variable : file->variables()) {
      const std::string& name = variable.first;
      const bool is_text = !variable.second.dtype;
      cotan::read_or_refuse([&] { is_text ? void(file->read_texts(name)) : void(file->read_doubles(name)); });
    }
    const auto layout = cotan::read_exodus_layout(file);
    cotan::read_or_refuse([&] { cotan::Mesh mesh(cotan::read_exodus_mesh(layout).data); });
    for (const auto& field : layout.fields) {
      cotan::read_or_refuse([&] { cotan::read_exodus_frames(layout, field, 0, 1); });
    }
  });
}
