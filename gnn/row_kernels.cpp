#include "gnn/row_kernels.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"

namespace cotan::rows {
namespace {

const Kernels* pick_kernels() {
  std::vector<std::string> names = {"plain"};
  const char* wanted = std::getenv("COTAN_KERNELS");
  if (wanted && wanted == names.front()) return nullptr;
  for (const auto* kernels : {avx512_kernels(), avx2_kernels(), portable_kernels()}) {
    if (!kernels) continue;
    if (!wanted || std::string_view(wanted) == kernels->name) return kernels;
    names.emplace_back(kernels->name);
  }
  throw InputError("COTAN_KERNELS: " + unknown_name("kernels", wanted, names));
}

}  // namespace

const Kernels* picked_kernels() {
  static const Kernels* const picked = pick_kernels();  // a property of the processor
  return picked;
}

}  // namespace cotan::rows
