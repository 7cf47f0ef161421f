#include <algorithm>
#include <charconv>
#include <numbers>

#include "core/check.h"
#include "core/expression.h"

namespace cotan {
namespace {

using Op = Expression::Op;

struct Named {
  std::string_view name;
  Op op;
};

constexpr Named kFunctions[] = {
    {"sin", Op::sin},   {"cos", Op::cos},     {"tan", Op::tan},     {"asin", Op::asin}, {"acos", Op::acos},
    {"atan", Op::atan}, {"atan2", Op::atan2}, {"sinh", Op::sinh},   {"cosh", Op::cosh}, {"tanh", Op::tanh},
    {"exp", Op::exp},   {"log", Op::log},     {"log10", Op::log10}, {"sqrt", Op::sqrt}, {"abs", Op::abs},
    {"sign", Op::sign}, {"floor", Op::floor}, {"min", Op::min},     {"max", Op::max},   {"pow", Op::power},
    {"step", Op::step}, {"if", Op::select},
};

struct Constant {
  std::string_view name;
  double value;
};

constexpr Constant kConstants[] = {{"pi", std::numbers::pi}, {"e", std::numbers::e}};

// Operators by rank, loosest first; longer spellings before their beginnings.
constexpr Named kOr[] = {{"||", Op::logical_or}};
constexpr Named kAnd[] = {{"&&", Op::logical_and}};
constexpr Named kCompare[] = {{"<=", Op::less_equal}, {">=", Op::greater_equal}, {"==", Op::equal},
                              {"!=", Op::not_equal},  {"<", Op::less},           {">", Op::greater}};
constexpr Named kSum[] = {{"+", Op::add}, {"-", Op::subtract}};
constexpr Named kProduct[] = {{"*", Op::multiply}, {"/", Op::divide}};

// std::isalpha and the like depend on the locale; expressions must not.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

/// Recursive descent, one function a rank; a failure names the column.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::span<const std::string> variables) : text_(text) {
    out_.text_ = text;
    out_.variables_.assign(variables.begin(), variables.end());
    out_.program_.clear();
  }

  Expression parse() {
    COTAN_REQUIRE(text_.size() <= Expression::kMaxLength,
                  "an expression of " << text_.size() << " characters (at most " << Expression::kMaxLength << ")");
    disjunction();
    if (!at_end()) fail("an operator or the end");
    return std::move(out_);
  }

 private:
  // One level of nesting for as long as it lives.
  class Level {
   public:
    explicit Level(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.depth_ > Expression::kMaxDepth) {
        parser_.fail("at most " + std::to_string(Expression::kMaxDepth) + " levels of nesting");
      }
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExpressionParser& parser_;
  };

  [[noreturn]] void fail(const std::string& expected) { fail_at(at_, "expected " + expected + ", found " + found()); }

  [[noreturn]] void fail_at(std::size_t at, const std::string& problem) const {
    constexpr std::size_t kShown = 120;
    const std::string shown = std::string(text_.substr(0, kShown)) + (text_.size() > kShown ? "…" : "");
    std::string message = "expression '" + shown + "', column " + std::to_string(at + 1) + ": " + problem;
    std::replace_if(
        message.begin(), message.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
    throw InputError(message);
  }

  // The word, number or character at the reading position.
  std::string found() {
    if (at_end()) return "the end";
    std::size_t end = at_;
    while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    end = std::max(end, at_ + 1);
    while (end < text_.size() && (text_[end] & 0xC0) == 0x80) ++end;  // the whole of a UTF-8 character
    return "'" + std::string(text_.substr(at_, end - at_)) + "'";
  }

  bool at_end() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    return at_ == text_.size();
  }

  bool accept(std::string_view token) {
    if (at_end() || text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  const Named* accept(std::span<const Named> operators) {
    for (const Named& candidate : operators) {
      if (accept(candidate.name)) return &candidate;
    }
    return nullptr;
  }

  void push(Op op) { out_.push({op, 0, -1}); }

  void left_to_right(std::span<const Named> operators, void (ExpressionParser::*operand)()) {
    (this->*operand)();
    while (const Named* found_operator = accept(operators)) {
      (this->*operand)();
      push(found_operator->op);
    }
  }

  void disjunction() { left_to_right(kOr, &ExpressionParser::conjunction); }
  void conjunction() { left_to_right(kAnd, &ExpressionParser::comparison); }
  void sum() { left_to_right(kSum, &ExpressionParser::product); }
  void product() { left_to_right(kProduct, &ExpressionParser::signed_power); }

  // a < b < c would compare a truth value with c: refused.
  void comparison() {
    sum();
    const Named* first = accept(kCompare);
    if (!first) return;
    sum();
    push(first->op);
    at_end();
    const std::size_t column = at_;
    if (accept(kCompare)) fail_at(column, "comparisons do not chain: write a < b && b < c");
  }

  void signed_power() {
    const Level level(*this);
    if (accept("-")) {
      signed_power();
      push(Op::negate);
    } else if (accept("+")) {
      signed_power();
    } else if (!next_is("!=") && accept("!")) {
      signed_power();
      push(Op::logical_not);
    } else {
      power();
    }
  }

  bool next_is(std::string_view token) { return !at_end() && text_.substr(at_, token.size()) == token; }

  void power() {
    primary();
    if (!accept("^")) return;
    signed_power();  // right to left, and 2^-1 is fine
    push(Op::power);
  }

  void primary() {
    if (at_end()) fail("a number, a name or '('");
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return name();
    if (!accept("(")) fail("a number, a name or '('");
    disjunction();
    if (!accept(")")) fail("')' or an operator");
  }

  void number() {
    double value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) fail("a number that a double can hold");
    if (error != std::errc{}) fail("a number");
    at_ += static_cast<std::size_t>(end - first);
    out_.push({Op::constant, value, -1});
  }

  void name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (accept("(")) return call(word, begin);
    const auto& variables = out_.variables_;
    const auto variable = std::find(variables.begin(), variables.end(), word);
    if (variable != variables.end()) {
      return out_.push({Op::variable, 0, static_cast<int>(variable - variables.begin())});
    }
    for (const Constant& constant : kConstants) {
      if (constant.name == word) return out_.push({Op::constant, constant.value, -1});
    }
    const auto functions = expression_functions();
    if (std::find(functions.begin(), functions.end(), word) != functions.end()) {
      fail_at(begin, std::string(word) + " is a function: write " + std::string(word) + "(…)");
    }
    auto known = variables;
    for (const auto& constant : expression_constants()) known.push_back(constant);
    fail_at(begin, unknown_name("variable", word, known));
  }

  void call(std::string_view word, std::size_t begin) {
    const Named* function =
        std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const Named& f) { return f.name == word; });
    if (function == std::end(kFunctions)) fail_at(begin, unknown_name("function", word, expression_functions()));
    int arguments = 0;
    if (!accept(")")) {
      do {
        disjunction();
        ++arguments;
      } while (accept(","));
      if (!accept(")")) fail("')', ',' or an operator");
    }
    const int taken = arity(function->op);
    if (arguments != taken) {
      fail_at(begin, std::string(word) + " takes " + std::to_string(taken) + (taken == 1 ? " argument" : " arguments") +
                         ", found " + std::to_string(arguments));
    }
    push(function->op);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Expression out_;
};

Expression Expression::parse(std::string_view text, std::span<const std::string> variables) {
  return ExpressionParser(text, variables).parse();
}

std::vector<std::string> expression_functions() {
  std::vector<std::string> names;
  for (const Named& function : kFunctions) names.emplace_back(function.name);
  return names;
}

std::vector<std::string> expression_constants() {
  std::vector<std::string> names;
  for (const Constant& constant : kConstants) names.emplace_back(constant.name);
  return names;
}

}  // namespace cotan
