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
/// (1 or 0, not chained), `&&`, `||`, `!`, parentheses, functions: sin cos tan asin acos atan atan2 sinh cosh tanh exp
/// log log10 sqrt abs sign floor min max pow step (0 below 0, else 1) if(condition, then, else), constants pi and e.
/// A variable hides a constant of its name. What is not 0 is true. Parts without variables are computed when parsed.
class Expression {
 public:
  enum class Op : std::uint8_t {
    constant,
    variable,
    negate,
    logical_not,
    add,
    subtract,
    multiply,
    divide,
    power,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    not_equal,
    logical_and,
    logical_or,
    sin,
    cos,
    tan,
    asin,
    acos,
    atan,
    atan2,
    sinh,
    cosh,
    tanh,
    exp,
    log,
    log10,
    sqrt,
    abs,
    sign,
    floor,
    min,
    max,
    step,
    select
  };
  struct Instruction {
    Op op;
    double value = 0;   ///< of a constant
    int variable = -1;  ///< index into variables()
  };

  Expression() : Expression(0.0) {}
  explicit Expression(double constant);
  /// \throw InputError with the text, the column and what was expected; unknown names list the variables there are;
  /// also for more than kMaxDepth levels of parentheses, calls, exponents and signs, or kMaxLength characters
  static Expression parse(std::string_view text, std::span<const std::string> variables);

  /// \pre values.size() == variables().size(), in that order
  double operator()(std::span<const double> values) const;
  const std::string& text() const { return text_; }
  const std::vector<std::string>& variables() const { return variables_; }
  const std::vector<Instruction>& program() const { return program_; }
  bool uses(std::string_view variable) const;  ///< whether the value depends on it
  bool is_constant() const;

  static constexpr int kMaxDepth = 100;
  static constexpr std::size_t kMaxLength = 10000;

 private:
  friend class ExpressionParser;
  void push(Instruction instruction);

  std::string text_;
  std::vector<std::string> variables_;
  std::vector<Instruction> program_;
};

/// Number of operands that an operation takes from the stack (0 for constant and variable).
int arity(Expression::Op op);

/// Names of the functions that an expression may call, and of its constants.
std::vector<std::string> expression_functions();
std::vector<std::string> expression_constants();

}  // namespace cotan
