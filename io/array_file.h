#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/tensor_file.h"

namespace cotan {

/// A file of named arrays of numbers or text, read by rows of their first dimension: NetCDF, HDF5, .npz. Every extent
/// is checked against the file when it is opened. Safe from several threads.
class ArrayFile {
 public:
  struct Variable {
    std::optional<DType> dtype;  ///< nothing: text
    std::vector<std::int64_t> shape;
    std::int64_t rows() const { return shape.empty() ? 1 : shape[0]; }
    std::int64_t columns() const;  ///< values a row; 2^46 where an array of no rows declares more
  };
  virtual ~ArrayFile() = default;
  const std::string& name() const { return name_; }  ///< of the file, for messages
  const std::map<std::string, Variable>& variables() const { return variables_; }
  const Variable* find(const std::string& variable) const;  ///< null where absent
  /// Rows [first, first + count) as `dtype`, row-major. \throw InputError: absent, text, out of range, unreadable
  virtual void read_rows(const std::string& variable, std::int64_t first, std::int64_t count, DType dtype,
                         void* out) const = 0;
  /// Before memory is asked for: rows of packed data are no more than what they may become. \throw InputError
  virtual void check_window(const std::string& variable, std::int64_t rows) const;
  std::vector<std::int64_t> read_integers(const std::string& variable) const;  ///< all rows
  std::vector<double> read_doubles(const std::string& variable) const;
  /// Rows of text (n, length), without what fills them up. \throw InputError: numbers
  virtual std::vector<std::string> read_texts(const std::string& variable) const;
  /// Nothing where it is absent, or the format has none.
  virtual std::optional<std::string> text_attribute(const std::string& variable, const std::string& name) const;

 protected:
  /// The variable, with rows [first, first + count) in it. \throw InputError
  const Variable& checked(const std::string& variable, std::int64_t first, std::int64_t count, bool is_text) const;
  std::string name_;
  std::map<std::string, Variable> variables_;
};

/// The datasets of an HDF5 file under their paths, "mesh/points" (io/vtkhdf_arrays.cpp). \throw InputError
std::unique_ptr<ArrayFile> open_hdf5_arrays(const std::filesystem::path& path);
/// A row of text up to its first null, without blanks at its end.
std::string trimmed_text(std::string text);

}  // namespace cotan
