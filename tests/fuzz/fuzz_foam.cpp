// libFuzzer: any bytes as the files of an OpenFOAM case, made cells of and checked as a mesh.
#include "io/mesh_io.h"
#include "tests/fuzz/foam_bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    cotan::Source source({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    auto content = cotan::parse_foam_bundle(source);
    cotan::mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  } catch (const cotan::InputError&) {
  }
  return 0;
}
