// libFuzzer: any bytes as a file of arrays of NumPy, of which each is read.
#include "io/npz.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return cotan::read_or_refuse([&] {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto file = cotan::open_npz(cotan::ByteSource::memory(bytes, "fuzz.npz"));
    for (const auto& entry : file->variables()) {
      cotan::read_or_refuse([&] { file->read_doubles(entry.first); });
    }
  });
}
