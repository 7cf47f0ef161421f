#include "core/expression_block.h"

#include <algorithm>
#include <array>
#include <memory>

#include "core/expression_ops.h"

namespace cotan {
namespace {

using detail::Op;

constexpr std::size_t kBlock = 256;  // points: an operation's operands stay in the first-level cache
using Row = std::array<double, kBlock>;

// An operand on the stack: a row of values, a variable's own or one that was computed, or one value for all.
struct Operand {
  const double* row = nullptr;
  double all = 0;
  double operator[](std::size_t i) const { return row ? row[i] : all; }
};

template <class F>
void apply(const Operand& a, const Operand& b, std::size_t n, double* out, F f) {
  if (a.row && b.row) {
    for (std::size_t i = 0; i < n; ++i) out[i] = f(a.row[i], b.row[i]);
  } else if (a.row) {
    for (std::size_t i = 0; i < n; ++i) out[i] = f(a.row[i], b.all);
  } else {
    for (std::size_t i = 0; i < n; ++i) out[i] = f(a.all, b.row[i]);
  }
}

template <Op op>
void apply(const Operand& a, const Operand& b, std::size_t n, double* out) {
  apply(a, b, n, out, [](double x, double y) { return detail::binary(op, x, y); });
}

void power(const Operand& a, const Operand& b, std::size_t n, double* out) {
  if (!b.row && b.all == 2) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a.row[i] * a.row[i];
  } else if (!b.row && b.all == 3) {
    for (std::size_t i = 0; i < n; ++i) out[i] = a.row[i] * a.row[i] * a.row[i];
  } else {
    apply<Op::power>(a, b, n, out);
  }
}

void binary_rows(Op op, const Operand& a, const Operand& b, std::size_t n, double* out) {
  switch (op) {
    case Op::add:
      return apply<Op::add>(a, b, n, out);
    case Op::subtract:
      return apply<Op::subtract>(a, b, n, out);
    case Op::multiply:
      return apply<Op::multiply>(a, b, n, out);
    case Op::divide:
      return apply<Op::divide>(a, b, n, out);
    case Op::power:
      return power(a, b, n, out);
    default:
      return apply(a, b, n, out, [op](double x, double y) { return detail::binary(op, x, y); });
  }
}

// The stack of one block. Rows are those of its depth; an operand may also be a variable's own values.
class Stack {
 public:
  explicit Stack(std::size_t points) : points_(points) {}

  void push(Operand operand) {
    operands_.push_back(operand);
    if (rows_.size() < operands_.size()) rows_.push_back(std::make_unique<Row>());
  }
  void run(Op op) {
    const auto count = static_cast<std::size_t>(arity(op));
    const std::size_t base = operands_.size() - count;
    const Operand a = operands_[base], b = count > 1 ? operands_[base + 1] : Operand(),
                  c = count > 2 ? operands_[base + 2] : Operand();
    operands_.resize(base + 1);
    if (!a.row && !b.row && !c.row) {
      operands_[base] = {nullptr, count == 1   ? detail::unary(op, a.all)
                                  : count == 2 ? detail::binary(op, a.all, b.all)
                                  : a.all != 0 ? b.all
                                               : c.all};
      return;
    }
    double* out = rows_[base]->data();
    if (count == 1) {
      for (std::size_t i = 0; i < points_; ++i) out[i] = detail::unary(op, a.row[i]);
    } else if (count == 2) {
      binary_rows(op, a, b, points_, out);
    } else {
      for (std::size_t i = 0; i < points_; ++i) out[i] = a[i] != 0 ? b[i] : c[i];
    }
    operands_[base] = {out, 0};
  }
  Operand top() const { return operands_.back(); }
  void clear(std::size_t points) {
    operands_.clear();
    points_ = points;
  }

 private:
  std::size_t points_;
  std::vector<Operand> operands_;
  std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace

void evaluate_block(const Expression& expression, std::span<const BlockValues> variables, std::span<double> out) {
  COTAN_ASSERT(variables.size() == expression.variables().size());
  Stack stack(0);
  for (std::size_t first = 0; first < out.size(); first += kBlock) {
    const std::size_t n = std::min(kBlock, out.size() - first);
    stack.clear(n);
    for (const auto& instruction : expression.program()) {
      if (instruction.op == Op::constant) {
        stack.push({nullptr, instruction.value});
      } else if (instruction.op == Op::variable) {
        const BlockValues& values = variables[instruction.variable];
        stack.push(values.is_one() ? Operand{nullptr, values.all()} : Operand{values.each() + first, 0});
      } else {
        stack.run(instruction.op);
      }
    }
    const Operand result = stack.top();
    for (std::size_t i = 0; i < n; ++i) out[first + i] = result[i];
  }
}

}  // namespace cotan
