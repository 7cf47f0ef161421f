#pragma once
#include <functional>

#include "physics/sparse.h"

namespace cotan::test {

/// -div(k grad u) + stream du/dx / h by differences on n x n inner points of a square, times h^2.
inline SparseMatrix grid_matrix(int n, double stream, const std::function<double(double x, double y)>& k) {
  SparseMatrix a;
  const double h = 1.0 / (n + 1);
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      const double x = (i + 1) * h, y = (j + 1) * h;
      const double west = k(x - h / 2, y), east = k(x + h / 2, y), south = k(x, y - h / 2), north = k(x, y + h / 2);
      const auto add = [&](int di, int dj, double value) {
        if (i + di < 0 || i + di >= n || j + dj < 0 || j + dj >= n) return;
        a.columns.push_back((j + dj) * n + i + di);
        a.values.push_back(value);
      };
      add(0, -1, -south);
      add(-1, 0, -west - stream);
      add(0, 0, west + east + south + north + stream);
      add(1, 0, -east);
      add(0, 1, -north);
      a.offsets.push_back(static_cast<std::int64_t>(a.columns.size()));
    }
  }
  return a;
}

}  // namespace cotan::test
