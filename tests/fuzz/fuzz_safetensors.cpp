// libFuzzer: any bytes as a safetensors file.
#include "core/check.h"
#include "io/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    cotan::parse_safetensors({reinterpret_cast<const std::byte*>(data), size}, "fuzz.safetensors");
  } catch (const cotan::InputError&) {
  }
  return 0;
}
