#pragma once
#include <cmath>

#include "core/check.h"
#include "core/expression.h"

// The meaning of each operation, for those who run an expression's list. Inline: with a known operation only its own
// arithmetic is left.
namespace cotan::detail {

using Op = Expression::Op;

inline double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}  // not a number stays one
inline double smaller(double a, double b) {
  return a < b || a != a ? a : b;
}  // as tensors: not a number wins
inline double larger(double a, double b) {
  return a > b || a != a ? a : b;
}

inline double unary(Op op, double a) {
  switch (op) {
    case Op::negate:
      return -a;
    case Op::logical_not:
      return a == 0;
    case Op::sin:
      return std::sin(a);
    case Op::cos:
      return std::cos(a);
    case Op::tan:
      return std::tan(a);
    case Op::asin:
      return std::asin(a);
    case Op::acos:
      return std::acos(a);
    case Op::atan:
      return std::atan(a);
    case Op::sinh:
      return std::sinh(a);
    case Op::cosh:
      return std::cosh(a);
    case Op::tanh:
      return std::tanh(a);
    case Op::exp:
      return std::exp(a);
    case Op::log:
      return std::log(a);
    case Op::log10:
      return std::log10(a);
    case Op::sqrt:
      return std::sqrt(a);
    case Op::abs:
      return std::abs(a);
    case Op::sign:
      return sign(a);
    case Op::floor:
      return std::floor(a);
    case Op::step:
      return a < 0 ? 0 : 1;
    default:
      COTAN_ASSERT(false);
      return 0;
  }
}

inline double binary(Op op, double a, double b) {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    case Op::power:
      return b == 2 ? a * a : std::pow(a, b);
    case Op::less:
      return a < b;
    case Op::less_equal:
      return a <= b;
    case Op::greater:
      return a > b;
    case Op::greater_equal:
      return a >= b;
    case Op::equal:
      return a == b;
    case Op::not_equal:
      return a != b;
    case Op::logical_and:
      return a != 0 && b != 0;
    case Op::logical_or:
      return a != 0 || b != 0;
    case Op::atan2:
      return std::atan2(a, b);
    case Op::min:
      return smaller(a, b);
    case Op::max:
      return larger(a, b);
    default:
      COTAN_ASSERT(false);
      return 0;
  }
}

}  // namespace cotan::detail
