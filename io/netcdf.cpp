#include "io/netcdf.h"

#include <array>

#include "core/check.h"
#include "core/files.h"
#include "io/byte_source.h"

namespace cotan {

std::int64_t NetCdf::Variable::columns() const {
  std::int64_t n = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) n *= shape[i];
  return n;
}

const NetCdf::Variable* NetCdf::find(const std::string& variable) const {
  const auto found = variables_.find(variable);
  return found == variables_.end() ? nullptr : &found->second;
}

const NetCdf::Variable& NetCdf::checked(const std::string& variable, std::int64_t first, std::int64_t count,
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

std::vector<std::int64_t> NetCdf::read_integers(const std::string& variable) const {
  const Variable& about = checked(variable, 0, 0, false);
  std::vector<std::int64_t> out(about.rows() * about.columns());
  read_rows(variable, 0, about.rows(), DType::i64, out.data());
  return out;
}

std::vector<double> NetCdf::read_doubles(const std::string& variable) const {
  const Variable& about = checked(variable, 0, 0, false);
  std::vector<double> out(about.rows() * about.columns());
  read_rows(variable, 0, about.rows(), DType::f64, out.data());
  return out;
}

std::string trimmed_text(std::string text) {
  text.resize(std::min(text.find('\0'), text.size()));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::unique_ptr<NetCdf> open_netcdf(const std::filesystem::path& path) {
  require_readable(path);
  const ByteSource source = ByteSource::file(path);
  std::array<char, 4> magic{};
  COTAN_REQUIRE(source.size() > 0, path.string() << ": the file is empty");
  COTAN_REQUIRE(source.size() >= 8, path.string() << ": " << source.size() << " bytes: no NetCDF file");
  source.read(0, std::as_writable_bytes(std::span(magic)));
  if (magic[0] == 'C' && magic[1] == 'D' && magic[2] == 'F') return open_netcdf_classic(path);
  if (magic[1] == 'H' && magic[2] == 'D' && magic[3] == 'F') return open_netcdf4(path);
  throw InputError(path.string() + ": begins neither as classic NetCDF nor as HDF5: another format, or corrupt");
}

}  // namespace cotan
