#include "integrators/tensor_expression.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "core/check.h"

namespace cotan {
namespace {

using Op = Expression::Op;
using Tensors = std::vector<at::Tensor>;

at::Tensor number(double value) {
  return at::scalar_tensor(value, at::TensorOptions().dtype(at::kDouble));
}

at::Tensor unary(Op op, const at::Tensor& a) {
  switch (op) {
    case Op::negate:
      return -a;
    case Op::logical_not:
      return at::eq(a, 0).to(a.scalar_type());
    case Op::sin:
      return at::sin(a);
    case Op::cos:
      return at::cos(a);
    case Op::tan:
      return at::tan(a);
    case Op::asin:
      return at::asin(a);
    case Op::acos:
      return at::acos(a);
    case Op::atan:
      return at::atan(a);
    case Op::sinh:
      return at::sinh(a);
    case Op::cosh:
      return at::cosh(a);
    case Op::tanh:
      return at::tanh(a);
    case Op::exp:
      return at::exp(a);
    case Op::log:
      return at::log(a);
    case Op::log10:
      return at::log10(a);
    case Op::sqrt:
      return at::sqrt(a);
    case Op::abs:
      return at::abs(a);
    case Op::sign:
      return at::where(at::eq(a, a), at::sign(a), a.detach());  // not a number stays one
    case Op::floor:
      return at::floor(a);
    case Op::step:
      return at::ge(a, 0).logical_or(at::ne(a, a)).to(a.scalar_type());
    default:
      COTAN_ASSERT(false);
      return a;
  }
}

at::Tensor compared(Op op, const at::Tensor& a, const at::Tensor& b) {
  switch (op) {
    case Op::less:
      return at::lt(a, b);
    case Op::less_equal:
      return at::le(a, b);
    case Op::greater:
      return at::gt(a, b);
    case Op::greater_equal:
      return at::ge(a, b);
    case Op::equal:
      return at::eq(a, b);
    case Op::not_equal:
      return at::ne(a, b);
    case Op::logical_and:
      return at::logical_and(a, b);
    default:
      COTAN_ASSERT(op == Op::logical_or);
      return at::logical_or(a, b);
  }
}

at::Tensor binary(Op op, const at::Tensor& a, const at::Tensor& b) {
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
      return at::pow(a, b);
    case Op::atan2:
      return at::atan2(a, b);
    case Op::min:
      return at::minimum(a, b);
    case Op::max:
      return at::maximum(a, b);
    default:
      return compared(op, a, b).to(at::result_type(a, b));
  }
}

/// A stack machine over the postfix list. Where gradients are recorded, each branch of an `if` is evaluated on its own
/// rows only: the gradient of a branch that is not taken, infinite perhaps, then never meets a zero.
class Machine {
 public:
  Machine(const Expression& expression, bool by_rows, at::TensorOptions options)
      : program_(expression.program()), select_after_(program_.size(), 0), options_(options) {
    std::vector<std::size_t> open;  // where the operands on the stack begin
    for (std::size_t i = 0; i < program_.size(); ++i) {
      std::size_t begin = i;
      for (int k = arity(program_[i].op); k > 0; --k) {
        begin = open.back();
        open.pop_back();
      }
      open.push_back(begin);
      begin_.push_back(begin);
      if (by_rows && program_[i].op == Op::select) select_after_[begin_[begin_[i - 1] - 1] - 1] = i;
    }
  }

  /// Instructions [first, end). \pre by rows: variables are (n) or of no dimension
  at::Tensor run(std::size_t first, std::size_t end, const Tensors& variables, std::int64_t n) const {
    Tensors stack;
    for (std::size_t i = first; i < end; ++i) {
      apply(i, variables, stack);
      for (; select_after_[i] != 0; i = select_after_[i]) {
        stack.back() = split(select_after_[i], i + 1, stack.back(), variables, n);
      }
    }
    return stack.back();
  }

 private:
  void apply(std::size_t i, const Tensors& variables, Tensors& stack) const {
    const auto& instruction = program_[i];
    if (instruction.op == Op::constant) return stack.push_back(number(instruction.value));
    if (instruction.op == Op::variable) return stack.push_back(variables[instruction.variable]);
    const at::Tensor last = std::move(stack.back());
    stack.pop_back();
    const int operands = arity(instruction.op);
    if (operands == 1) return stack.push_back(unary(instruction.op, last));
    if (operands == 2) {
      // an exponent that is a number keeps the gradient in the base alone
      const bool power_of_number = instruction.op == Op::power && program_[i - 1].op == Op::constant;
      stack.back() =
          power_of_number ? at::pow(stack.back(), program_[i - 1].value) : binary(instruction.op, stack.back(), last);
      return;
    }
    const at::Tensor taken = std::move(stack.back());
    stack.pop_back();
    stack.back() = at::where(at::ne(stack.back(), 0), taken, last);
  }

  // The `if` at instruction `select`, whose first branch begins at `first`; (n).
  at::Tensor split(std::size_t select, std::size_t first, const at::Tensor& condition, const Tensors& variables,
                   std::int64_t n) const {
    const at::Tensor holds = at::ne(condition, 0).to(options_.device()).expand({n});
    const std::size_t middle = begin_[select - 1];
    at::Tensor result = at::zeros({n}, options_);
    for (const bool side : {true, false}) {
      const at::Tensor rows = (side ? holds : holds.logical_not()).nonzero().squeeze(1);
      Tensors picked = variables;
      for (at::Tensor& v : picked) v = v.dim() == 0 ? v : v.index_select(0, rows);
      const at::Tensor branch = run(side ? first : middle, side ? middle : select, picked, rows.numel());
      result = result.index_copy(0, rows, branch.to(options_).expand({rows.numel()}));
    }
    return result;
  }

  const std::vector<Expression::Instruction>& program_;
  std::vector<std::size_t> begin_;         // of the operand that instruction i completes
  std::vector<std::size_t> select_after_;  // by rows: last instruction of a condition -> its `if`; 0 elsewhere
  at::TensorOptions options_;
};

}  // namespace

at::Tensor evaluate(const Expression& expression, const std::vector<at::Tensor>& variables) {
  COTAN_ASSERT(variables.size() == expression.variables().size());
  std::vector<std::int64_t> shape;
  at::TensorOptions options = at::TensorOptions().dtype(at::kDouble);
  bool gradients = false;
  std::int64_t most = -1;  // the variable of the most dimensions says type and device
  for (const at::Tensor& v : variables) {
    COTAN_ASSERT(v.is_floating_point());
    shape = at::infer_size(shape, v.sizes());
    gradients = gradients || v.requires_grad();
    if (v.dim() > most) options = v.options();
    most = std::max(most, v.dim());
  }
  const bool by_rows = gradients && at::GradMode::is_enabled();
  const std::int64_t n = c10::multiply_integers(shape);
  Tensors operands = variables;
  if (by_rows) {
    for (at::Tensor& v : operands) v = v.dim() == 0 ? v : v.expand(shape).reshape({-1});
  }
  const Machine machine(expression, by_rows, options);
  const at::Tensor value = machine.run(0, expression.program().size(), operands, n).to(options);
  return by_rows ? value.expand({n}).reshape(shape) : value.expand(shape);
}

}  // namespace cotan
