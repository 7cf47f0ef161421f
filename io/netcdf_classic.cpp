// The classic formats: https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
#include <algorithm>
#include <array>
#include <limits>

#include "core/check.h"
#include "io/convert_values.h"
#include "io/netcdf.h"

namespace cotan {
namespace {

constexpr std::int64_t kMostHeader = std::int64_t{1} << 26;  // bytes; names and attributes of thousands of variables
constexpr std::int64_t kMostValues = std::int64_t{1} << 46;

/// Nothing for text, of one byte.
using Kind = std::optional<NumberKind>;

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
  constexpr std::array<NumberKind, 12> kinds = {{{},
                                                 {'i', 1, true},
                                                 {},
                                                 {'i', 2, true},
                                                 {'i', 4, true},
                                                 {'f', 4, true},
                                                 {'f', 8, true},
                                                 {'u', 1, true},
                                                 {'u', 2, true},
                                                 {'u', 4, true},
                                                 {'i', 8, true},
                                                 {'u', 8, true}}};
  if (type < 1 || type > 11) header.fail("type " + std::to_string(type) + " of a variable or attribute");
  if (type == 2) return std::nullopt;
  return kinds[static_cast<std::size_t>(type)];
}

std::int64_t bytes_of(Kind kind) {
  return kind ? kind->bytes : 1;
}

class NetCdfClassic : public ArrayFile {
 public:
  explicit NetCdfClassic(ByteSource file) : source_(std::move(file)) {
    name_ = source_.name();
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
    convert_values(raw_rows(variable, about, first, count), *places_.at(variable).kind, dtype, out);
  }

  std::vector<std::string> read_texts(const std::string& variable) const override {
    const Variable& about = checked(variable, 0, 0, true);
    const auto bytes = raw_rows(variable, about, 0, about.rows());
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
    std::int64_t begin;
    Kind kind;
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
      const std::string bytes = header.padded(values * bytes_of(kind));
      if (!kind) texts_[{variable, name}] = trimmed_text(bytes);
    }
  }

  void read_variable(Header& header, const std::vector<Dimension>& dimensions) {
    const std::string name = header.text();
    const std::int64_t rank = header.count("dimensions of a variable");
    if (rank > 8) header.fail("variable " + name + " has " + std::to_string(rank) + " dimensions");
    Variable variable;
    Place place{0, std::nullopt, false};
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
    if (kind) variable.dtype = dtype_of(*kind);
    place.kind = kind;
    header.version() == 5 ? header.place() : header.word();  // its size, which may be wrong above 4 GB
    place.begin = header.place();
    if (!variables_.emplace(name, variable).second) header.fail("variable " + name + " stands twice");
    places_[name] = place;
  }

  std::int64_t row_bytes(const std::string& name) const {
    return variables_.at(name).columns() * bytes_of(places_.at(name).kind);
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
    for (const auto& name : names) {
      record_bytes_ += names.size() == 1 ? row_bytes(name) : (row_bytes(name) + 3) / 4 * 4;
      if (record_bytes_ > 8 * kMostValues)
        header.fail("a record of more than " + std::to_string(kMostValues) + " values");
    }
    if (records < 0) {  // written as a stream: as many as there are
      const auto size = static_cast<std::int64_t>(source_.size());
      const bool none = names.empty() || record_bytes_ == 0 || first < 0 || first > size;
      records = none ? 0 : (size - first) / record_bytes_;
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
                                  std::int64_t count) const {
    const Place& place = places_.at(name);
    const std::int64_t row = about.columns() * bytes_of(place.kind);
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

std::unique_ptr<ArrayFile> open_netcdf_classic(ByteSource file) {
  return std::make_unique<NetCdfClassic>(std::move(file));
}

}  // namespace cotan
