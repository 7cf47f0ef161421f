// libFuzzer: any bytes before the checks CHECK that stand before VTK reads an XML file, or as a list of such files.
#include "io/vtk.h"
#include "io/vtk_xml.h"
#include "tests/fuzz/fuzz_support.h"

namespace {
using cotan::check_vtp;
using cotan::check_vtu;

[[maybe_unused]] void check_pvd(const std::filesystem::path& path) {
  cotan::read_pvd(path);
}
[[maybe_unused]] void check_pvtu(const std::filesystem::path& path) {
  cotan::read_pvtu_list(path);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return cotan::read_or_refuse([&] { CHECK(cotan::fuzz_file("fuzz.xml", {data, size})); });
}
