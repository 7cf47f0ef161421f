#pragma once
#include <span>
#include <vector>

#include "core/expression.h"

namespace cotan {

/// Values of a variable at many points: one for each, or one for all.
class BlockValues {
 public:
  BlockValues(double all = 0) : all_(all) {}
  BlockValues(std::span<const double> each) : each_(each.data()) {}
  BlockValues(const std::vector<double>& each) : BlockValues(std::span<const double>(each)) {}
  bool is_one() const { return !each_; }
  double all() const { return all_; }
  const double* each() const { return each_; }

 private:
  const double* each_ = nullptr;
  double all_ = 0;
};

/// A formula at many points at once: an operation at a time over a block of points, so that the list is read once a
/// block and the arithmetic runs in vectors. The values are those of Expression, to a rounding of x^3.
/// \param variables in the order of the expression's \param out one value a point
void evaluate_block(const Expression& expression, std::span<const BlockValues> variables, std::span<double> out);

}  // namespace cotan
