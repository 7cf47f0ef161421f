// libFuzzer: any bytes as a gzip file.
#include "io/gzip.h"
#include "tests/fuzz/fuzz_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return cotan::read_or_refuse([&] { cotan::unpack_gzip({reinterpret_cast<const char*>(data), size}, "fuzz.gz"); });
}
