// libFuzzer: any bytes as an MSH file, mended and checked as a mesh.
#include "core/check.h"
#include "io/mesh_io.h"
#include "io/msh.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    auto content = cotan::parse_msh({reinterpret_cast<const std::byte*>(data), size}, "fuzz.msh");
    cotan::mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  } catch (const cotan::InputError&) {
  }
  return 0;
}
