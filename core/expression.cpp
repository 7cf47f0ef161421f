#include "core/expression.h"

#include <algorithm>
#include <array>

#include "core/check.h"
#include "core/expression_ops.h"

namespace cotan {
namespace {

using Op = Expression::Op;
using detail::binary;
using detail::unary;

// Deepest stack that kMaxDepth levels can build: a level leaves at most six operands waiting (one for each rank of
// operators) and two of a call with three arguments.
constexpr std::size_t kMaxStack = 8 * (Expression::kMaxDepth + 2);

double run(std::span<const Expression::Instruction> program, std::span<const double> values) {
  std::array<double, kMaxStack> stack;  // not cleared: entries are written before they are read
  double* top = stack.data();           // one past the last operand
  for (const auto& instruction : program) {
    switch (arity(instruction.op)) {
      case 0:
        *top++ = instruction.op == Op::constant ? instruction.value : values[instruction.variable];
        break;
      case 1:
        top[-1] = unary(instruction.op, top[-1]);
        break;
      case 2:
        top[-2] = binary(instruction.op, top[-2], top[-1]);
        --top;
        break;
      default:
        top[-3] = top[-3] != 0 ? top[-2] : top[-1];
        top -= 2;
    }
  }
  COTAN_ASSERT(top == stack.data() + 1);
  return top[-1];
}

}  // namespace

int arity(Op op) {
  switch (op) {
    case Op::constant:
    case Op::variable:
      return 0;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::power:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::equal:
    case Op::not_equal:
    case Op::logical_and:
    case Op::logical_or:
    case Op::atan2:
    case Op::min:
    case Op::max:
      return 2;
    case Op::select:
      return 3;
    default:
      return 1;
  }
}

Expression::Expression(double constant) : program_{{Op::constant, constant, -1}} {
  std::ostringstream text;
  text.precision(17);
  text << constant;
  text_ = text.str();
}

double Expression::operator()(std::span<const double> values) const {
  COTAN_ASSERT(values.size() == variables_.size());
  return run(program_, values);
}

bool Expression::uses(std::string_view variable) const {
  return std::any_of(program_.begin(), program_.end(),
                     [&](const Instruction& i) { return i.op == Op::variable && variables_[i.variable] == variable; });
}

bool Expression::is_constant() const {
  return std::none_of(program_.begin(), program_.end(), [](const Instruction& i) { return i.op == Op::variable; });
}

// Emits one instruction; where its operands are constants, they are the last instructions and it is computed here.
void Expression::push(Instruction instruction) {
  const auto operands = static_cast<std::size_t>(arity(instruction.op));
  program_.push_back(instruction);
  if (operands == 0 || program_.size() <= operands) return;
  const auto first = program_.end() - 1 - operands;
  const auto is_number = [](const Instruction& i) { return i.op == Op::constant; };
  if (!std::all_of(first, program_.end() - 1, is_number)) return;
  const double value = run(std::span(first, program_.end()), {});
  program_.erase(first, program_.end());
  program_.push_back({Op::constant, value, -1});
}

}  // namespace cotan
