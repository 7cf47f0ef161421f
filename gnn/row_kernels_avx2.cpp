// Compiled with AVX2 and FMA (cmake/Folders.cmake); run only where the processor has them.
#if defined(__AVX2__) && defined(__FMA__)
#define COTAN_ROW_KERNELS
constexpr int kLanes = 8, kTall = 6;
#include "gnn/row_kernels_body.h"
#else
#include "gnn/row_kernels.h"
#endif

namespace cotan::rows {

const Kernels* avx2_kernels() {
#if defined(COTAN_ROW_KERNELS)
  static constexpr Kernels kernels{"avx2", pack, forward, backward, linear, linear_weights};
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace cotan::rows
