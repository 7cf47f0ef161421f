#include "io/legacy_vtk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "io/grid_content.h"
#include "io/rows.h"

namespace cotan {
namespace {

enum class Scalar { bit, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, text };
struct ScalarName {
  std::string_view name;
  Scalar scalar;
  int bytes;  ///< 0: not the same for all
};
constexpr std::array kScalars = {
    ScalarName{"BIT", Scalar::bit, 0},          ScalarName{"CHAR", Scalar::i8, 1},
    ScalarName{"SIGNED_CHAR", Scalar::i8, 1},   ScalarName{"UNSIGNED_CHAR", Scalar::u8, 1},
    ScalarName{"SHORT", Scalar::i16, 2},        ScalarName{"UNSIGNED_SHORT", Scalar::u16, 2},
    ScalarName{"INT", Scalar::i32, 4},          ScalarName{"UNSIGNED_INT", Scalar::u32, 4},
    ScalarName{"LONG", Scalar::i64, 8},         ScalarName{"UNSIGNED_LONG", Scalar::u64, 8},
    ScalarName{"VTKTYPEINT64", Scalar::i64, 8}, ScalarName{"VTKTYPEUINT64", Scalar::u64, 8},
    ScalarName{"VTKIDTYPE", Scalar::i32, 4},  // as VTK writes it
    ScalarName{"FLOAT", Scalar::f32, 4},        ScalarName{"DOUBLE", Scalar::f64, 8},
    ScalarName{"STRING", Scalar::text, 0}};

/// A section of a grid, and the kinds of grids that have it.
struct SectionName {
  std::string_view name, datasets;
};
constexpr std::array kSections = {SectionName{"POINTS", "UNSTRUCTURED_GRID POLYDATA STRUCTURED_GRID"},
                                  SectionName{"CELLS", "UNSTRUCTURED_GRID"},
                                  SectionName{"CELL_TYPES", "UNSTRUCTURED_GRID"},
                                  SectionName{"VERTICES", "POLYDATA"},
                                  SectionName{"LINES", "POLYDATA"},
                                  SectionName{"POLYGONS", "POLYDATA"},
                                  SectionName{"TRIANGLE_STRIPS", "POLYDATA"},
                                  SectionName{"DIMENSIONS", "STRUCTURED_GRID RECTILINEAR_GRID STRUCTURED_POINTS"},
                                  SectionName{"X_COORDINATES", "RECTILINEAR_GRID"},
                                  SectionName{"Y_COORDINATES", "RECTILINEAR_GRID"},
                                  SectionName{"Z_COORDINATES", "RECTILINEAR_GRID"},
                                  SectionName{"ORIGIN", "STRUCTURED_POINTS"},
                                  SectionName{"SPACING", "STRUCTURED_POINTS"},
                                  SectionName{"ASPECT_RATIO", "STRUCTURED_POINTS"}};

bool has_section(std::string_view dataset, std::string_view name) {
  const auto row = std::find_if(kSections.begin(), kSections.end(), [&](const auto& s) { return s.name == name; });
  return row != kSections.end() && row->datasets.find(dataset) != std::string_view::npos;
}

// "%20" -> " ", as VTK writes names.
std::string decoded(std::string_view text) {
  const auto hex = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    out += coded ? char(16 * hex(text[i + 1]) + hex(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

template <class T>
T big_endian(Source& source) {
  auto bytes = source.bytes<std::array<char, sizeof(T)>>();
  std::reverse(bytes.begin(), bytes.end());
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// Sections in the order of the file.
class Reader {
 public:
  explicit Reader(Source& source) : source_(source) {}

  MeshContent read() {
    head();
    while (next_section()) section();
    finish_geometry();
    try {
      return content_from_grid(std::move(content_));
    } catch (const InputError& error) {
      throw InputError(source_.name() + ": " + error.what());
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { source_.fail_in_line(what); }

  void head() {
    const std::string first = source_.line();
    if (!upper(first).starts_with("# VTK DATAFILE VERSION")) {
      fail("found '" + printable(first) + "', expected '# vtk DataFile Version': not a legacy VTK file");
    }
    double version = 0;
    if (!parse_number(trimmed(std::string_view(first).substr(22)), version))
      fail("found '" + printable(first) + "', expected a version");
    if (!(version >= 1 && version < 6))
      fail("version " + printable(trimmed(std::string_view(first).substr(22))) + ", expected 1 to 5");
    offsets_apart_ = version >= 5;
    source_.line();  // a title
    const std::string kind = upper(source_.next_line());
    if (kind != "ASCII" && kind != "BINARY") fail("found '" + printable(kind) + "', expected ASCII or BINARY");
    binary_ = kind == "BINARY";
  }

  // Splits the next line that is not blank into words; false at the end.
  bool next_section() {
    const std::string line = source_.next_line();
    if (line.empty() && source_.at_end()) return false;
    words_.clear();
    for (Row row(source_, line, false); !row.done();) words_.emplace_back(row.word());
    if (!words_.empty()) {
      first_as_written_ = words_[0];
      words_[0] = upper(words_[0]);
    }
    return true;
  }

  const std::string& word(std::size_t k, const char* what) const {
    if (k >= words_.size()) fail(words_[0] + ": the line ends here, expected " + what);
    return words_[k];
  }

  std::uint64_t number(std::size_t k, const char* what) const {
    std::uint64_t value = 0;
    if (!parse_number(std::string_view(word(k, what)), value)) {
      fail(words_[0] + ": found '" + printable(words_[k]) + "', expected " + what);
    }
    return value;
  }

  const ScalarName& scalar(std::size_t k) const {
    const std::string name = upper(word(k, "a type"));
    const auto found =
        std::find_if(kScalars.begin(), kScalars.end(), [&](const auto& row) { return row.name == name; });
    if (found == kScalars.end()) fail(words_[0] + ": type '" + printable(words_[k]) + "' cannot be read");
    return *found;
  }

  void section() {
    if (words_.empty()) return;
    const std::string& name = words_[0];
    if (name == "DATASET") {
      dataset();
    } else if (name == "METADATA") {
      skip_metadata();
    } else if (name == "FIELD") {
      field();
    } else if (dataset_.empty()) {
      fail("found '" + printable(name) + "', expected DATASET");
    } else if (name == "POINT_DATA" || name == "CELL_DATA") {
      finish_geometry();
      arrays_ = name == "POINT_DATA" ? &content_.points : &content_.cells;
      rows_ = name == "POINT_DATA" ? content_.grid.points.size() / 3 : content_.grid.types.size();
      if (number(1, "a count") != rows_) fail(name + " " + words_[1] + ", but there are " + std::to_string(rows_));
    } else if (arrays_ == &content_.whole) {
      geometry();
    } else {
      attribute();
    }
  }

  void dataset() {
    if (!dataset_.empty()) fail("DATASET stands twice");
    dataset_ = upper(word(1, "a kind of grid"));
    constexpr std::array<std::string_view, 5> known = {"UNSTRUCTURED_GRID", "POLYDATA", "STRUCTURED_GRID",
                                                       "RECTILINEAR_GRID", "STRUCTURED_POINTS"};
    if (!std::count(known.begin(), known.end(), dataset_)) fail("DATASET " + printable(dataset_) + " cannot be read");
    source_.set_section(dataset_);
  }

  void geometry() {
    const std::string& name = words_[0];
    if (!has_section(dataset_, name)) fail("found '" + printable(name) + "', expected a section of " + dataset_);
    if (name == "POINTS") {
      if (has_points_) fail("POINTS stands twice");
      has_points_ = true;
      const auto count = number(1, "a number of points");
      content_.grid.points = values(scalar(2), product(count, 3));
    } else if (name == "CELLS") {
      cells();
    } else if (name == "CELL_TYPES") {
      const auto types = values({"INT", Scalar::i32, 4}, number(1, "a number of cells"));
      for (const double type : types) content_.grid.types.push_back(type >= 0 && type < 256 ? std::uint8_t(type) : 0);
    } else if (name == "VERTICES" || name == "LINES" || name == "POLYGONS" || name == "TRIANGLE_STRIPS") {
      const std::size_t before = content_.grid.offsets.empty() ? 0 : content_.grid.offsets.size() - 1;
      cells();
      const std::uint8_t type = name == "VERTICES" ? 2 : name == "LINES" ? 4 : name == "POLYGONS" ? 7 : 6;
      content_.grid.types.resize(content_.grid.offsets.size() - 1 - before + content_.grid.types.size(), type);
    } else {
      structured();
    }
  }

  void structured() {
    const std::string& name = words_[0];
    if (name == "DIMENSIONS") {
      for (std::size_t k = 0; k < 3; ++k) extent_[k] = number(k + 1, "a number of points");
    } else if (name.ends_with("_COORDINATES")) {
      axes_[std::size_t(name[0] - 'X')] = values(scalar(2), number(1, "a number of coordinates"));
    } else {  // ORIGIN, SPACING
      for (std::size_t k = 0; k < 3; ++k) {
        double& to = name == "ORIGIN" ? origin_[k] : spacing_[k];
        if (!parse_number(std::string_view(word(k + 1, "a number")), to))
          fail(name + ": found '" + printable(words_[k + 1]) + "', expected a number");
      }
    }
  }

  // Version 5 keeps offsets and connectivity apart; before, each cell stands behind its number of points.
  void cells() {
    VtkGrid& grid = content_.grid;
    if (grid.offsets.empty()) grid.offsets.push_back(0);
    const auto first = number(1, "a number"), second = number(2, "a number");
    const auto base = std::int64_t(grid.connectivity.size());
    if (offsets_apart_) {
      const auto offsets = block("OFFSETS", first), links = block("CONNECTIVITY", second);
      for (std::size_t k = 1; k < offsets.size(); ++k) grid.offsets.push_back(base + whole(offsets[k]));
      for (const double link : links) grid.connectivity.push_back(whole(link));
      if (!offsets.empty() && (offsets[0] != 0 || offsets.back() != double(links.size())))
        fail("OFFSETS do not go from 0 to the connectivity's length");
      return;
    }
    const auto table = values({"INT", Scalar::i32, 4}, second);
    std::size_t at = 0;
    for (std::uint64_t c = 0; c < first; ++c) {
      if (at >= table.size() || !(table[at] >= 0 && table[at] <= double(table.size() - at - 1))) {  // nor NaN
        fail("cell " + std::to_string(c) + " of " + std::to_string(first) + " goes beyond the " +
             std::to_string(second) + " numbers of the section");
      }
      const auto nodes = std::size_t(table[at++]);
      for (std::size_t k = 0; k < nodes; ++k) grid.connectivity.push_back(whole(table[at++]));
      grid.offsets.push_back(std::int64_t(grid.connectivity.size()));
    }
    if (at != table.size())
      fail(std::to_string(first) + " cells take " + std::to_string(at) + " of the " + std::to_string(second) +
           " numbers of the section");
  }

  std::vector<double> block(const std::string& name, std::uint64_t count) {
    if (!next_section() || words_[0] != name)
      fail("found '" + printable(words_.empty() ? "" : words_[0]) + "', expected " + name);
    return values(scalar(1), count);
  }

  std::int64_t whole(double value) const {
    if (!(std::abs(value) < 9e15) || value != std::floor(value))
      fail("found a number of a point or an offset that is no whole number");
    return std::int64_t(value);
  }

  std::uint64_t product(std::uint64_t a, std::uint64_t b) const {
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b)
      fail(std::to_string(a) + " times " + std::to_string(b) + " values cannot be");
    return a * b;
  }

  /// The values of an array, as the file keeps them.
  std::vector<double> values(const ScalarName& type, std::uint64_t count) {
    if (type.scalar == Scalar::text) return skip_texts(count), std::vector<double>{};
    std::vector<double> out;
    source_.set_binary(binary_);
    if (binary_ && type.scalar == Scalar::bit) {
      source_.checked_count(count / 8, 1, "bytes of bits");
      std::uint8_t byte = 0;
      for (std::uint64_t k = 0; k < count; ++k) {
        if (k % 8 == 0) byte = source_.bytes<std::uint8_t>();
        out.push_back(byte >> (7 - k % 8) & 1);
      }
    } else {
      out.resize(source_.checked_count(count, binary_ ? std::uint64_t(type.bytes) : 2, "values"));
      for (double& value : out) value = binary_ ? binary_value(type.scalar) : text_value(type.scalar);
    }
    source_.set_binary(false);
    return out;
  }

  double text_value(Scalar scalar) {
    const auto value = source_.text<double>();
    return scalar == Scalar::f32 ? double(float(value)) : value;
  }

  double binary_value(Scalar scalar) {
    switch (scalar) {
      case Scalar::i8:
        return source_.bytes<std::int8_t>();
      case Scalar::u8:
        return source_.bytes<std::uint8_t>();
      case Scalar::i16:
        return big_endian<std::int16_t>(source_);
      case Scalar::u16:
        return big_endian<std::uint16_t>(source_);
      case Scalar::i32:
        return big_endian<std::int32_t>(source_);
      case Scalar::u32:
        return big_endian<std::uint32_t>(source_);
      case Scalar::i64:
        return double(big_endian<std::int64_t>(source_));
      case Scalar::u64:
        return double(big_endian<std::uint64_t>(source_));
      case Scalar::f32:
        return double(big_endian<float>(source_));
      default:
        return big_endian<double>(source_);
    }
  }

  // A line each; in binary files behind their length, whose first two bits say in how many bytes it stands.
  void skip_texts(std::uint64_t count) {
    source_.checked_count(count, 1, "texts");
    for (std::uint64_t k = 0; k < count; ++k) {
      if (!binary_) {
        source_.line_view();
        continue;
      }
      const auto first = source_.bytes<std::uint8_t>();
      const int more = (first >> 6) == 3 ? 0 : (first >> 6) == 2 ? 1 : (first >> 6) == 1 ? 3 : 7;
      std::uint64_t length = first & 63;
      for (int b = 0; b < more; ++b) length = length << 8 | source_.bytes<std::uint8_t>();
      if (length > source_.remaining()) source_.fail("a text of " + std::to_string(length) + " bytes: the file is cut");
      for (; length > 0; --length) source_.bytes<char>();
    }
  }

  void skip_metadata() {
    while (!source_.at_end() && !source_.line_view().empty()) {
    }
  }

  void attribute() {
    const std::string name = words_[0];
    constexpr std::array<std::pair<std::string_view, int>, 7> fixed = {{{"VECTORS", 3},
                                                                        {"NORMALS", 3},
                                                                        {"TENSORS", 9},
                                                                        {"TENSORS6", 6},
                                                                        {"GLOBAL_IDS", 1},
                                                                        {"PEDIGREE_IDS", 1},
                                                                        {"EDGE_FLAGS", 1}}};
    const auto known = std::find_if(fixed.begin(), fixed.end(), [&](const auto& f) { return f.first == name; });
    if (known != fixed.end()) {
      add(decoded(word(1, "a name")), known->second, scalar(2), rows_);
    } else if (name == "TEXTURE_COORDINATES") {
      add(decoded(word(1, "a name")), number(2, "a number of components"), scalar(3), rows_);
    } else if (name == "SCALARS") {
      scalars();
    } else if (name == "COLOR_SCALARS") {
      const auto components = number(2, "a number of components");
      add(decoded(word(1, "a name")), components, color_type(), rows_);
    } else if (name == "LOOKUP_TABLE") {
      values(color_type(), product(number(2, "a number of colours"), 4));
    } else {
      fail("found '" + printable(name) + "', expected an array (SCALARS, VECTORS, FIELD, …)");
    }
  }

  ScalarName color_type() const {
    return binary_ ? ScalarName{"UNSIGNED_CHAR", Scalar::u8, 1} : ScalarName{"FLOAT", Scalar::f32, 4};
  }

  void scalars() {
    const std::string name = decoded(word(1, "a name"));
    const ScalarName type = scalar(2);
    const auto components = words_.size() > 3 ? number(3, "a number of components") : 1;
    if (!next_section() || words_.empty() || words_[0] != "LOOKUP_TABLE")
      fail("expected LOOKUP_TABLE behind SCALARS " + printable(name));
    add(name, components, type, rows_);
  }

  void field() {
    const auto count = source_.checked_count(number(2, "a number of arrays"), 8, "arrays");
    for (std::size_t k = 0; k < count; ++k) {
      do {
        if (!next_section()) source_.fail("the file ends here, " + std::to_string(count - k) + " more arrays expected");
        if (!words_.empty() && words_[0] == "METADATA") {
          skip_metadata();
          words_.clear();
        }
      } while (words_.empty());
      const std::string name = decoded(first_as_written_);
      if (upper(name) == "NULL_ARRAY") continue;
      const auto components = number(1, "a number of components"), rows = number(2, "a number of rows");
      if (arrays_ != &content_.whole && rows != rows_) {
        fail("array '" + printable(name) + "' has " + std::to_string(rows) + " rows, expected " +
             std::to_string(rows_));
      }
      add(name, components, scalar(3), rows);
    }
  }

  void add(const std::string& name, std::uint64_t components, const ScalarName& type, std::uint64_t rows) {
    constexpr std::uint64_t kMostComponents = 4096;
    if (components < 1 || components > kMostComponents) {
      fail("array '" + printable(name) + "' of " + std::to_string(components) + " components");
    }
    auto found = values(type, product(rows, components));
    if (type.scalar != Scalar::text) arrays_->push_back({name, int(components), std::move(found)});
  }

  // Cells of structured grids, once their sections are read.
  void finish_geometry() {
    if (finished_) return;
    finished_ = true;
    if (dataset_.empty()) source_.fail("the file ends without DATASET");
    if (dataset_ == "UNSTRUCTURED_GRID" || dataset_ == "POLYDATA") return;
    check_extent();
    if (dataset_ != "STRUCTURED_GRID") regular_points();
    regular_cells();
  }

  void check_extent() {
    const auto points = product(product(extent_[0], extent_[1]), extent_[2]);
    if (points == 0) source_.fail(dataset_ + " without DIMENSIONS");
    constexpr std::uint64_t kMostImplied = 50'000'000;  // points of an image take no bytes of the file
    if (points > kMostImplied)
      source_.fail(std::to_string(points) + " points in a structured grid, at most " + std::to_string(kMostImplied));
    // arrays on them take bytes; without, a few digits must not ask for gigabytes
    if (dataset_ == "STRUCTURED_POINTS" && points > 100 * (source_.position() + source_.remaining())) {
      source_.fail("DIMENSIONS of " + std::to_string(points) + " points in a file of " +
                   std::to_string(source_.position() + source_.remaining()) + " bytes");
    }
    if (dataset_ == "STRUCTURED_GRID" && points * 3 != content_.grid.points.size()) {
      source_.fail("DIMENSIONS of " + std::to_string(points) + " points, but POINTS has " +
                   std::to_string(content_.grid.points.size() / 3));
    }
    for (std::size_t k = 0; k < 3 && dataset_ == "RECTILINEAR_GRID"; ++k) {
      if (axes_[k].size() != extent_[k])
        source_.fail("DIMENSIONS say " + std::to_string(extent_[k]) + " coordinates of an axis, found " +
                     std::to_string(axes_[k].size()));
    }
  }

  void regular_points() {
    for (std::size_t k = 0; k < 3; ++k) {
      for (std::uint64_t i = 0; axes_[k].size() < extent_[k]; ++i)
        axes_[k].push_back(origin_[k] + double(i) * spacing_[k]);
    }
    auto& points = content_.grid.points;
    points.clear();
    for (const double z : axes_[2]) {
      for (const double y : axes_[1]) {
        for (const double x : axes_[0]) points.insert(points.end(), {x, y, z});
      }
    }
  }

  // Voxels, pixels or lines, by how many axes have more than one point.
  void regular_cells() {
    std::vector<std::size_t> axes;
    for (std::size_t k = 0; k < 3; ++k) {
      if (extent_[k] > 1) axes.push_back(k);
    }
    if (axes.empty()) source_.fail("DIMENSIONS of one point");
    const std::array<std::int64_t, 3> stride = {1, std::int64_t(extent_[0]), std::int64_t(extent_[0] * extent_[1])};
    constexpr std::array<std::uint8_t, 3> types = {3, 8, 11};
    VtkGrid& grid = content_.grid;
    grid.offsets.assign(1, 0);
    std::array<std::uint64_t, 3> count{};
    for (std::size_t k = 0; k < 3; ++k) count[k] = extent_[k] > 1 ? extent_[k] - 1 : 1;
    for (std::uint64_t c = 0; c < count[0] * count[1] * count[2]; ++c) {
      const std::array<std::uint64_t, 3> at = {c % count[0], c / count[0] % count[1], c / count[0] / count[1]};
      std::int64_t corner = 0;
      for (std::size_t k = 0; k < 3; ++k) corner += std::int64_t(at[k]) * stride[k];
      for (std::size_t n = 0; n < std::size_t{1} << axes.size(); ++n) {
        std::int64_t node = corner;
        for (std::size_t k = 0; k < axes.size(); ++k) node += n >> k & 1 ? stride[axes[k]] : 0;
        grid.connectivity.push_back(node);
      }
      grid.types.push_back(types[axes.size() - 1]);
      grid.offsets.push_back(std::int64_t(grid.connectivity.size()));
    }
  }

  Source& source_;
  GridContent content_{};
  std::vector<GridArray>* arrays_ = &content_.whole;  // where arrays go that come next
  std::uint64_t rows_ = 0;                            // of each of them
  std::vector<std::string> words_;
  std::string first_as_written_, dataset_;
  std::array<std::uint64_t, 3> extent_{};
  std::array<std::vector<double>, 3> axes_;
  std::array<double, 3> origin_{}, spacing_{1, 1, 1};
  bool binary_ = false, offsets_apart_ = false, has_points_ = false, finished_ = false;
};

}  // namespace

MeshContent parse_legacy_vtk(Source& source) {
  return Reader(source).read();
}

}  // namespace cotan
