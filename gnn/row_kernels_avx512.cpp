// Compiled with AVX-512 (cmake/Folders.cmake); run only where the processor has it.
#if defined(__AVX512F__)
#define COTAN_ROW_KERNELS
constexpr int kLanes = 16, kTall = 12;
#include "gnn/row_kernels_body.h"
#else
#include "gnn/row_kernels.h"
#endif

namespace cotan::rows {

const Kernels* avx512_kernels() {
#if defined(COTAN_ROW_KERNELS)
  static constexpr Kernels kernels{"avx512", pack, forward, backward, linear, linear_weights};
  return __builtin_cpu_supports("avx512f") ? &kernels : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace cotan::rows
