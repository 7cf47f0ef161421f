#include "io/legacy_vtk.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/check.h"
#include "io/grid_content.h"
#include "io/legacy_vtk_structured.h"
#include "io/legacy_vtk_values.h"
#include "io/rows.h"
#include "io/with_name.h"

namespace cotan {
namespace legacy_vtk {
namespace {

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

/// Sections in the order of the file.
class Reader {
 public:
  explicit Reader(Source& source) : source_(source) {}

  MeshContent read() {
    head();
    while (next_section()) section();
    finish_geometry();
    return with_name(source_.name(), [&] { return content_from_grid(std::move(content_)); });
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

  const ScalarType& scalar(std::size_t k) const {
    const ScalarType* found = scalar_type(upper(word(k, "a type")));
    if (!found) fail(words_[0] + ": type '" + printable(words_[k]) + "' cannot be read");
    return *found;
  }

  std::vector<double> values(const ScalarType& type, std::uint64_t count) {
    return read_values(source_, binary_, type, count);
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
      content_.grid.points = values(scalar(2), product(source_, count, 3));
    } else if (name == "CELLS") {
      cells();
    } else if (name == "CELL_TYPES") {
      const auto types = values(kInt, number(1, "a number of cells"));
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
      for (std::size_t k = 0; k < 3; ++k) structured_.extent[k] = number(k + 1, "a number of points");
    } else if (name.ends_with("_COORDINATES")) {
      structured_.axes[std::size_t(name[0] - 'X')] = values(scalar(2), number(1, "a number of coordinates"));
    } else {  // ORIGIN, SPACING
      for (std::size_t k = 0; k < 3; ++k) {
        double& to = name == "ORIGIN" ? structured_.origin[k] : structured_.spacing[k];
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
    const auto table = values(kInt, second);
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
      add(decoded_name(word(1, "a name")), known->second, scalar(2), rows_);
    } else if (name == "TEXTURE_COORDINATES") {
      add(decoded_name(word(1, "a name")), number(2, "a number of components"), scalar(3), rows_);
    } else if (name == "SCALARS") {
      scalars();
    } else if (name == "COLOR_SCALARS") {
      const auto components = number(2, "a number of components");
      add(decoded_name(word(1, "a name")), components, color_type(), rows_);
    } else if (name == "LOOKUP_TABLE") {
      values(color_type(), product(source_, number(2, "a number of colours"), 4));
    } else {
      fail("found '" + printable(name) + "', expected an array (SCALARS, VECTORS, FIELD, …)");
    }
  }

  ScalarType color_type() const {
    return binary_ ? ScalarType{"UNSIGNED_CHAR", Scalar::u8, 1} : ScalarType{"FLOAT", Scalar::f32, 4};
  }

  void scalars() {
    const std::string name = decoded_name(word(1, "a name"));
    const ScalarType type = scalar(2);
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
      const std::string name = decoded_name(first_as_written_);
      if (upper(name) == "NULL_ARRAY") continue;
      const auto components = number(1, "a number of components"), rows = number(2, "a number of rows");
      if (arrays_ != &content_.whole && rows != rows_) {
        fail("array '" + printable(name) + "' has " + std::to_string(rows) + " rows, expected " +
             std::to_string(rows_));
      }
      add(name, components, scalar(3), rows);
    }
  }

  void add(const std::string& name, std::uint64_t components, const ScalarType& type, std::uint64_t rows) {
    constexpr std::uint64_t kMostComponents = 4096;
    if (components < 1 || components > kMostComponents) {
      fail("array '" + printable(name) + "' of " + std::to_string(components) + " components");
    }
    auto found = values(type, product(source_, rows, components));
    if (type.scalar != Scalar::text) arrays_->push_back({name, int(components), std::move(found)});
  }

  // Cells of structured grids, once their sections are read.
  void finish_geometry() {
    if (finished_) return;
    finished_ = true;
    if (dataset_.empty()) source_.fail("the file ends without DATASET");
    if (dataset_ == "UNSTRUCTURED_GRID" || dataset_ == "POLYDATA") return;
    add_structured(source_, dataset_, std::move(structured_), content_.grid);
  }

  Source& source_;
  GridContent content_{};
  std::vector<GridArray>* arrays_ = &content_.whole;  // where arrays go that come next
  std::uint64_t rows_ = 0;                            // of each of them
  std::vector<std::string> words_;
  std::string first_as_written_, dataset_;
  StructuredSections structured_;
  bool binary_ = false, offsets_apart_ = false, has_points_ = false, finished_ = false;
};

}  // namespace
}  // namespace legacy_vtk

MeshContent parse_legacy_vtk(Source& source) {
  return legacy_vtk::Reader(source).read();
}

}  // namespace cotan
