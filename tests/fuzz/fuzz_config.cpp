// libFuzzer: a configuration is read, and then its echo reads back to the same echo, or it is refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/check.h"
#include "core/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string echo;
  try {
    echo = cotan::Config::parse_text({reinterpret_cast<const char*>(data), size}).to_yaml();
  } catch (const cotan::InputError&) {
    return 0;
  }
  if (cotan::Config::parse_text(echo).to_yaml() != echo) std::abort();
  return 0;
}
