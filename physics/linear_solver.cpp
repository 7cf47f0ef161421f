#include "physics/linear_solver.h"

#include <algorithm>
#include <limits>

#include "physics/direct.h"
#include "physics/gcro_dr.h"

namespace cotan {
namespace {

struct Direct {
  std::vector<double> operator()(const SparseMatrix& matrix, std::span<const double> b) {
    const bool same =
        solve && matrix.values == last.values && matrix.columns == last.columns && matrix.offsets == last.offsets;
    if (!same) {
      solve = factorise(matrix);
      last = matrix;
    }
    return solve(b);
  }
  SparseMatrix last;
  Solve solve;
};

LinearMap preconditioner_of(const std::string& name, const SparseMatrix& matrix) {
  return name == "jacobi" ? jacobi(matrix) : name == "ilu" ? ilu0(matrix) : LinearMap();
}

// Squares of differences between draws, over the numbers that vary.
class Distance {
 public:
  explicit Distance(std::span<const std::vector<double>> likeness) : likeness_(likeness) {
    for (std::size_t k = 0; !likeness.empty() && k < likeness[0].size(); ++k) {
      const auto [low, high] = std::minmax_element(likeness.begin(), likeness.end(),
                                                   [k](const auto& a, const auto& b) { return a[k] < b[k]; });
      const double range = (*high)[k] - (*low)[k];
      scale_.push_back(range > 0 ? 1 / range : 0);
    }
  }
  double operator()(std::size_t i, std::size_t j) const {
    double sum = 0;
    for (std::size_t k = 0; k < scale_.size(); ++k) {
      const double d = scale_[k] * (likeness_[i][k] - likeness_[j][k]);
      sum += d * d;
    }
    return sum;
  }

 private:
  std::span<const std::vector<double>> likeness_;
  std::vector<double> scale_;
};

}  // namespace

LinearSolver direct_solver() {
  return make_linear_solver({});
}

LinearSolver make_linear_solver(const LinearSolverOptions& options, std::shared_ptr<LinearSolverCounts> counts) {
  if (!counts) counts = std::make_shared<LinearSolverCounts>();
  if (options.method == "direct") {
    return [direct = std::make_shared<Direct>(), counts](const SparseMatrix& matrix, std::span<const double> b) {
      ++counts->systems;
      return (*direct)(matrix, b);
    };
  }
  GcroDrOptions krylov{options.tolerance, options.subspace, options.method == "gmres" ? 0 : options.recycle,
                       options.most_iterations};
  COTAN_REQUIRE(krylov.recycle < krylov.subspace, "solver: recycle " << krylov.recycle << " of a subspace of "
                                                                     << krylov.subspace
                                                                     << " directions; fewer, please");
  return [=, space = std::make_shared<RecycledSpace>(), name = options.preconditioner](const SparseMatrix& matrix,
                                                                                       std::span<const double> b) {
    if (space->directions(b.size()) * b.size() != space->u.size()) *space = {};  // of another mesh
    GcroDrResult found = gcro_dr(product_with(matrix), b, *space, krylov, preconditioner_of(name, matrix));
    ++counts->systems;
    counts->products += found.products;
    return std::move(found.x);
  };
}

std::vector<std::size_t> chain_of_neighbours(std::span<const std::vector<double>> likeness) {
  const Distance distance(likeness);
  std::vector<std::size_t> left, order;
  for (std::size_t i = 0; i < likeness.size(); ++i) left.push_back(i);
  while (!left.empty()) {
    auto nearest = left.begin();
    double least = std::numeric_limits<double>::infinity();
    for (auto i = left.begin(); !order.empty() && i != left.end(); ++i) {
      const double d = distance(order.back(), *i);
      if (d < least) {
        least = d;
        nearest = i;
      }
    }
    order.push_back(*nearest);
    left.erase(nearest);
  }
  return order;
}

}  // namespace cotan
