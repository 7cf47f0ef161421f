// libFuzzer: any bytes as a mesh file of the parser PARSE, of HEADER, mended and checked as a mesh.
#include HEADER
#include "core/check.h"
#include "io/mesh_io.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    cotan::Source source({reinterpret_cast<const std::byte*>(data), size}, "fuzz");
    auto content = cotan::PARSE(source);
    cotan::mend_and_build(std::move(content.mesh), &content.fields, nullptr);
  } catch (const cotan::InputError&) {
  }
  return 0;
}
