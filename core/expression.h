#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cotan {

/// A formula of the user's, parsed once to a postfix list. Doubles are evaluated here; tensors, with
/// gradients, by integrators/tensor_expression.h over the same list.
///
/// Grammar: numbers, variables, + - * / ^ (right to left, above unary minus), comparisons < <= > >= == !=
/// (1 or 0), `&&`, `||`, `!`, parentheses, functions: sin cos tan asin acos atan atan2 sinh cosh tanh exp log log10 sqrt
/// abs sign floor min max pow step (0 below 0, else 1) if(condition, then, else), constants pi and e.
class Expression {
 public:
  enum class Op : std::uint8_t {
    constant, variable, negate, logical_not, add, subtract, multiply, divide, power, less, less_equal, greater,
    greater_equal, equal, not_equal, logical_and, logical_or, sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh,
    exp, log, log10, sqrt, abs, sign, floor, min, max, step, select
  };
  struct Instruction {
    Op op;
    double value = 0;    ///< of a constant
    int variable = -1;   ///< index into variables()
  };

  Expression() : Expression(0.0) {}
  explicit Expression(double constant);
  /// \throw InputError with the text, the column and what was expected; unknown names list the variables there are
  static Expression parse(std::string_view text, std::span<const std::string> variables);

  /// \pre values.size() == variables().size(), in that order
  double operator()(std::span<const double> values) const;
  const std::string& text() const { return text_; }
  const std::vector<std::string>& variables() const { return variables_; }
  const std::vector<Instruction>& program() const { return program_; }
  bool uses(std::string_view variable) const;  ///< whether the value depends on it
  bool is_constant() const;

 private:
  std::string text_;
  std::vector<std::string> variables_;
  std::vector<Instruction> program_;
};

/// Number of operands that an operation takes from the stack (0 for constant and variable).
int arity(Expression::Op op);

}  // namespace cotan
