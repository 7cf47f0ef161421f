// For any processor that the program runs on: vectors of four floats.
constexpr int kLanes = 4, kTall = 6;
#include "gnn/row_kernels_body.h"

namespace cotan::rows {

const Kernels* portable_kernels() {
  static constexpr Kernels kernels{"portable", pack, forward, backward, linear, linear_weights};
  return &kernels;
}

}  // namespace cotan::rows
