// The classic formats: https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/check.h"
#include "io/byte_source.h"
#include "io/netcdf.h"

namespace cotan {
namespace {

constexpr std::int64_t kMostHeader = std::int64_t{1} << 26;  // bytes; names and attributes of thousands of variables
constexpr std::int64_t kMostValues = std::int64_t{1} << 46;

struct Kind {
  std::optional<DType> dtype;  // nothing: text
  std::int64_t bytes;
};

/// Reads a header from its first byte on, from a part of the file in memory.
class Header {
 public:
  Header(const ByteSource& source) : name_(source.name()) {
    bytes_.resize(std::min<std::uint64_t>(source.size(), kMostHeader));
    source.read(0, std::as_writable_bytes(std::span(bytes_)));
    at_ = 3;
    version_ = static_cast<unsigned char>(bytes_[at_++]);
    if (version_ != 1 && version_ != 2 && version_ != 5)
      fail("version " + std::to_string(version_) + ", expected 1, 2 or 5");
  }
  int version() const { return version_; }
  std::int64_t word() { return static_cast<std::int32_t>(big_endian(4)); }
  /// A count or size: 64 bits in CDF-5.
  std::int64_t count(const char* what) {
    const std::int64_t value = version_ == 5 ? static_cast<std::int64_t>(big_endian(8)) : word();
    if (value < 0 || value > kMostValues) fail(std::string(what) + " of " + std::to_string(value));
    return value;
  }
  std::int64_t records() { return version_ == 5 ? static_cast<std::int64_t>(big_endian(8)) : word(); }
  std::int64_t place() {
    return version_ == 1 ? static_cast<std::int64_t>(static_cast<std::uint32_t>(big_endian(4)))
                         : static_cast<std::int64_t>(big_endian(8));
  }
  std::string text() { return padded(count("a name")); }
  std::string padded(std::int64_t size) {
    need(size);
    std::string out = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>((size + 3) / 4 * 4);
    return out;
  }
  /// The number of entries of a list, which begins with its tag; 0 for an absent one.
  std::int64_t list(std::int64_t tag, const char* what) {
    const std::int64_t found = word(), entries = count(what);
    if (found == 0 && entries == 0) return 0;
    if (found != tag) fail(std::string("no list of ") + what + " at byte " + std::to_string(at_));
    need(entries * 8);  // none is shorter
    return entries;
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(name_ + ": " + problem + ": cut or corrupt");
  }

 private:
  void need(std::int64_t size) const {
    if (at_ > bytes_.size() || size > std::ssize(bytes_) - static_cast<std::int64_t>(at_))
      fail("the header goes beyond the file");
  }
  std::uint64_t big_endian(int size) {
    need(size);
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at_++]);
    return value;
  }

  std::string name_, bytes_;
  std::size_t at_ = 0;
  int version_ = 0;
};

Kind kind_of(std::int64_t type, const Header& header) {
  switch (type) {
    case 1:
      return {DType::i8, 1};
    case 2:
      return {std::nullopt, 1};
    case 3:
      return {DType::i16, 2};
    case 4:
      return {DType::i32, 4};
    case 5:
      return {DType::f32, 4};
    case 6:
      return {DType::f64, 8};
    case 7:
      return {DType::u8, 1};
    case 10:
      return {DType::i64, 8};
    default:
      header.fail("type " + std::to_string(type) + " of a variable or attribute");
  }
}

template <class T>
T from_big_endian(const std::byte* bytes) {
  std::array<std::byte, sizeof(T)> own;
  if constexpr (std::endian::native == std::endian::little) {
    std::reverse_copy(bytes, bytes + sizeof(T), own.begin());
  } else {
    std::copy_n(bytes, sizeof(T), own.begin());
  }
  return std::bit_cast<T>(own);
}

template <class To, class From>
To converted(From value) {
  if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
    const bool fits = value >= -9.2e18 && value <= 9.2e18;  // not for NaN
    return fits ? static_cast<To>(static_cast<std::int64_t>(value)) : std::numeric_limits<To>::min();
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void convert(const std::vector<std::byte>& bytes, void* out) {
  auto* to = static_cast<To*>(out);
  for (std::size_t i = 0; i * sizeof(From) < bytes.size(); ++i)
    to[i] = converted<To>(from_big_endian<From>(&bytes[i * sizeof(From)]));
}

template <class To>
void convert_to(DType from, const std::vector<std::byte>& bytes, void* out) {
  switch (from) {
    case DType::f64:
      return convert<To, double>(bytes, out);
    case DType::f32:
      return convert<To, float>(bytes, out);
    case DType::i64:
      return convert<To, std::int64_t>(bytes, out);
    case DType::i32:
      return convert<To, std::int32_t>(bytes, out);
    case DType::i16:
      return convert<To, std::int16_t>(bytes, out);
    case DType::i8:
      return convert<To, std::int8_t>(bytes, out);
    case DType::u8:
      return convert<To, std::uint8_t>(bytes, out);
    default:
      throw Error("NetCDF has no values of type " + std::string(to_string(from)));
  }
}

class NetCdfClassic : public NetCdf {
 public:
  explicit NetCdfClassic(const std::filesystem::path& path) : source_(ByteSource::file(path)) {
    name_ = path.string();
    Header header(source_);
    const std::int64_t records = header.records();
    const auto dimensions = read_dimensions(header);
    read_attributes(header, "");
    const std::int64_t count = header.list(0x0B, "variables");
    for (std::int64_t i = 0; i < count; ++i) read_variable(header, dimensions);
    set_records(records, header);
    check_places(header);
  }

  void read_rows(const std::string& variable, std::int64_t first, std::int64_t count, DType dtype,
                 void* out) const override {
    const Variable& about = checked(variable, first, count, false);
    const auto bytes = raw_rows(variable, about, first, count, static_cast<std::int64_t>(size_of(*about.dtype)));
    switch (dtype) {
      case DType::f64:
        return convert_to<double>(*about.dtype, bytes, out);
      case DType::f32:
        return convert_to<float>(*about.dtype, bytes, out);
      case DType::i64:
        return convert_to<std::int64_t>(*about.dtype, bytes, out);
      case DType::i32:
        return convert_to<std::int32_t>(*about.dtype, bytes, out);
      case DType::i16:
        return convert_to<std::int16_t>(*about.dtype, bytes, out);
      case DType::i8:
        return convert_to<std::int8_t>(*about.dtype, bytes, out);
      case DType::u8:
        return convert_to<std::uint8_t>(*about.dtype, bytes, out);
      default:
        throw Error("NetCDF is not read as " + std::string(to_string(dtype)));
    }
  }

  std::vector<std::string> read_texts(const std::string& variable) const override {
    const Variable& about = checked(variable, 0, 0, true);
    const auto bytes = raw_rows(variable, about, 0, about.rows(), 1);
    std::vector<std::string> out;
    const auto length = static_cast<std::size_t>(about.columns());
    for (std::size_t i = 0; i < static_cast<std::size_t>(about.rows()); ++i)
      out.push_back(trimmed_text({reinterpret_cast<const char*>(bytes.data()) + i * length, length}));
    return out;
  }

  std::optional<std::string> text_attribute(const std::string& variable, const std::string& name) const override {
    const auto found = texts_.find({variable, name});
    return found == texts_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct Dimension {
    std::int64_t length;
    bool is_record;
  };
  struct Place {
    std::int64_t begin, bytes_a_value;
    bool is_record;
  };

  static std::vector<Dimension> read_dimensions(Header& header) {
    std::vector<Dimension> out;
    const std::int64_t count = header.list(0x0A, "dimensions");
    for (std::int64_t i = 0; i < count; ++i) {
      header.text();
      const std::int64_t length = header.count("a dimension");
      out.push_back({length, length == 0});
    }
    return out;
  }

  void read_attributes(Header& header, const std::string& variable) {
    const std::int64_t count = header.list(0x0C, "attributes");
    for (std::int64_t i = 0; i < count; ++i) {
      const std::string name = header.text();
      const Kind kind = kind_of(header.word(), header);
      const std::int64_t values = header.count("an attribute");
      const std::string bytes = header.padded(values * kind.bytes);
      if (!kind.dtype) texts_[{variable, name}] = trimmed_text(bytes);
    }
  }

  void read_variable(Header& header, const std::vector<Dimension>& dimensions) {
    const std::string name = header.text();
    const std::int64_t rank = header.count("dimensions of a variable");
    if (rank > 8) header.fail("variable " + name + " has " + std::to_string(rank) + " dimensions");
    Variable variable;
    Place place{0, 0, false};
    double values = 1;
    for (std::int64_t i = 0; i < rank; ++i) {
      const std::int64_t id = header.count("a dimension's number");
      if (id >= std::ssize(dimensions))
        header.fail("variable " + name + " has dimension " + std::to_string(id) + " of " +
                    std::to_string(dimensions.size()));
      if (dimensions[id].is_record && i > 0) header.fail("variable " + name + " has records inside a row");
      place.is_record = place.is_record || dimensions[id].is_record;
      variable.shape.push_back(dimensions[id].length);
      values *= static_cast<double>(std::max<std::int64_t>(dimensions[id].length, 1));
    }
    if (values > static_cast<double>(kMostValues))
      header.fail("variable " + name + " declares " + std::to_string(values) + " values");
    read_attributes(header, name);
    const Kind kind = kind_of(header.word(), header);
    variable.dtype = kind.dtype;
    place.bytes_a_value = kind.bytes;
    header.version() == 5 ? header.place() : header.word();  // its size, which may be wrong above 4 GB
    place.begin = header.place();
    if (!variables_.emplace(name, variable).second) header.fail("variable " + name + " stands twice");
    places_[name] = place;
  }

  std::int64_t row_bytes(const std::string& name) const {
    return variables_.at(name).columns() * places_.at(name).bytes_a_value;
  }

  // A record holds a row of every variable with records, each filled up to 4 bytes unless it is alone.
  void set_records(std::int64_t records, const Header& header) {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::vector<std::string> names;
    for (const auto& [name, place] : places_) {
      if (!place.is_record) continue;
      names.push_back(name);
      first = std::min(first, place.begin);
    }
    for (const auto& name : names) record_bytes_ += names.size() == 1 ? row_bytes(name) : (row_bytes(name) + 3) / 4 * 4;
    if (records < 0) {  // written as a stream: as many as there are
      const auto size = static_cast<std::int64_t>(source_.size());
      records = names.empty() || record_bytes_ == 0 || first > size ? 0 : (size - first) / record_bytes_;
    }
    if (record_bytes_ > 0 && records > static_cast<std::int64_t>(source_.size()) / record_bytes_) {
      header.fail(std::to_string(records) + " records of " + std::to_string(record_bytes_) + " bytes in a file of " +
                  std::to_string(source_.size()));
    }
    for (const auto& name : names) variables_[name].shape[0] = record_bytes_ > 0 ? records : 0;
  }

  void check_places(const Header& header) const {
    const auto size = static_cast<std::int64_t>(source_.size());
    for (const auto& [name, place] : places_) {
      const std::int64_t rows = variables_.at(name).rows(), row = row_bytes(name);
      if (rows == 0 || row == 0) continue;
      if (rows > kMostValues / row) header.fail("variable " + name + " declares " + std::to_string(rows) + " rows");
      const std::int64_t needed = place.is_record ? (rows - 1) * record_bytes_ + row : rows * row;
      if (place.begin < 0 || place.begin > size || needed > size - place.begin) {
        header.fail("variable " + name + " takes " + std::to_string(needed) + " bytes from " +
                    std::to_string(place.begin) + " in a file of " + std::to_string(size));
      }
    }
  }

  std::vector<std::byte> raw_rows(const std::string& name, const Variable& about, std::int64_t first,
                                  std::int64_t count, std::int64_t bytes_a_value) const {
    const Place& place = places_.at(name);
    const std::int64_t row = about.columns() * bytes_a_value;
    std::vector<std::byte> bytes(static_cast<std::size_t>(count * row));
    if (!place.is_record) {
      if (!bytes.empty()) source_.read(static_cast<std::uint64_t>(place.begin + first * row), bytes);
      return bytes;
    }
    for (std::int64_t k = 0; k < count && row > 0; ++k) {
      source_.read(static_cast<std::uint64_t>(place.begin + (first + k) * record_bytes_),
                   std::span(bytes).subspan(static_cast<std::size_t>(k * row), static_cast<std::size_t>(row)));
    }
    return bytes;
  }

  ByteSource source_;
  std::map<std::string, Place> places_;
  std::map<std::pair<std::string, std::string>, std::string> texts_;  // (variable, attribute)
  std::int64_t record_bytes_ = 0;
};

}  // namespace

std::unique_ptr<NetCdf> open_netcdf_classic(const std::filesystem::path& path) {
  return std::make_unique<NetCdfClassic>(path);
}

}  // namespace cotan
