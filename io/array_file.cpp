#include "io/array_file.h"

#include <algorithm>

#include "core/check.h"

namespace cotan {

std::int64_t ArrayFile::Variable::columns() const {
  constexpr std::int64_t most = std::int64_t{1} << 46;
  std::int64_t n = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) n = shape[i] > 0 && n > most / shape[i] ? most : n * shape[i];
  return n;
}

const ArrayFile::Variable* ArrayFile::find(const std::string& variable) const {
  const auto found = variables_.find(variable);
  return found == variables_.end() ? nullptr : &found->second;
}

const ArrayFile::Variable& ArrayFile::checked(const std::string& variable, std::int64_t first, std::int64_t count,
                                              bool is_text) const {
  const Variable* found = find(variable);
  COTAN_REQUIRE(found, name_ << ": no variable " << variable);
  COTAN_REQUIRE(found->dtype.has_value() != is_text, name_ << ": variable " << variable << ": found "
                                                           << (is_text ? "numbers" : "text") << ", expected "
                                                           << (is_text ? "text" : "numbers"));
  COTAN_REQUIRE(
      first >= 0 && count >= 0 && first <= found->rows() && count <= found->rows() - first,
      name_ << ": variable " << variable << ": rows " << first << " to " << first + count << " of " << found->rows());
  return *found;
}

void ArrayFile::check_window(const std::string&, std::int64_t) const {}

std::vector<std::int64_t> ArrayFile::read_integers(const std::string& variable) const {
  const Variable& about = checked(variable, 0, 0, false);
  check_window(variable, about.rows());
  std::vector<std::int64_t> out(about.rows() * about.columns());
  read_rows(variable, 0, about.rows(), DType::i64, out.data());
  return out;
}

std::vector<double> ArrayFile::read_doubles(const std::string& variable) const {
  const Variable& about = checked(variable, 0, 0, false);
  check_window(variable, about.rows());
  std::vector<double> out(about.rows() * about.columns());
  read_rows(variable, 0, about.rows(), DType::f64, out.data());
  return out;
}

std::string trimmed_text(std::string text) {
  text.resize(std::min(text.find('\0'), text.size()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::vector<std::string> ArrayFile::read_texts(const std::string& variable) const {
  throw InputError(name_ + ": variable " + variable + ": texts of this kind of file cannot be read");
}

std::optional<std::string> ArrayFile::text_attribute(const std::string&, const std::string&) const {
  return std::nullopt;
}

}  // namespace cotan
