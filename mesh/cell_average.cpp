#include "mesh/cell_average.h"

#include <array>

#include "core/check.h"
#include "mesh/quality.h"

namespace cotan {

CellAverage::CellAverage(const Mesh& mesh) : around_(cells_of_points(mesh)), volumes_(cell_volumes(mesh)) {}

std::vector<double> CellAverage::at_points(std::span<const double> cells, int components) const {
  check_shape(std::array{std::ssize(cells)}, {std::ssize(volumes_) * components}, "values of cells");
  const auto width = static_cast<std::size_t>(components);
  std::vector<double> out(static_cast<std::size_t>(around_.size()) * width, 0);
  for (Index i = 0; i < around_.size(); ++i) {
    double total = 0;
    for (const Index c : around_[i]) total += volumes_[static_cast<std::size_t>(c)];
    double* row = out.data() + static_cast<std::size_t>(i) * width;
    for (const Index c : around_[i]) {
      const double weight = volumes_[static_cast<std::size_t>(c)] / total;
      for (std::size_t d = 0; d < width; ++d) row[d] += weight * cells[static_cast<std::size_t>(c) * width + d];
    }
  }
  return out;
}

}  // namespace cotan
