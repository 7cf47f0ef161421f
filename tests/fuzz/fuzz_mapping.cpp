// libFuzzer: any bytes as the mapping of a small .npz that lies beside it, read as an archive.
#include <algorithm>

#include "io/mapped_archive.h"
#include "tests/fuzz/fuzz_support.h"
#include "tests/io/npz_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto arrays = [] {
    const std::string bytes = cotan::testing_io::small_npz(false);
    return cotan::fuzz_file("small.npz", {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  }();
  const auto path = cotan::fuzz_file("small.yaml", {data, size});
  return cotan::read_or_refuse([&] {
    const auto archive = cotan::open_mapped_archive(path);
    for (std::size_t i = 0; i < std::min<std::size_t>(archive->size(), 3); ++i) {
      const auto trajectory = archive->open(i);
      trajectory->mesh();
      for (const auto& field : trajectory->fields())
        trajectory->read(field.spec.name, 0, std::min<std::size_t>(trajectory->times().size(), 50));
    }
  });
}
