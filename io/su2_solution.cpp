#include "io/su2_solution.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "io/rows.h"

namespace cotan {
namespace {

constexpr double kRounding = 1e-5;  // of the mesh's extent: SU2 writes as few as seven digits

// "\"Velocity_x\"" -> "Velocity_x"
std::string unquoted(std::string_view word) {
  if (word.size() >= 2 && word.front() == '"' && word.back() == '"') word = word.substr(1, word.size() - 2);
  return std::string(trimmed(word));
}

/// Where a column of the file goes.
struct Column {
  enum class Kind : std::uint8_t { number, coordinate, field };
  Kind kind = Kind::field;
  std::size_t field = 0;  ///< of Kind::field
  int component = 0;      ///< of a field; the axis of a coordinate
};

/// Sorts out the names of the first line: columns, and the fields that they make.
struct Table {
  std::vector<Column> columns;
  std::vector<HostField> fields;
};

// 0, 1, 2 for names that end in _x, _y, _z.
std::optional<int> axis_of(const std::string& name) {
  if (name.size() < 3 || name[name.size() - 2] != '_' || name.back() < 'x' || name.back() > 'z') return std::nullopt;
  return name.back() - 'x';
}

Table read_names(Source& source, int dim) {
  std::vector<std::string> names;
  for (Row row(source, true); !row.done();) names.push_back(unquoted(row.word()));
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) source.fail_in_line("no names of columns");
  std::set<std::string> known;  // a line may hold very many
  for (const std::string& name : names) {
    if (!known.insert(name).second) source.fail_in_line("column '" + printable(name) + "' stands twice");
  }
  const auto has = [&](const std::string& name) { return known.count(name) > 0; };
  Table table;
  std::map<std::string, std::size_t> numbers;  // of the fields, by name
  for (const std::string& name : names) {
    if (name == "PointID") {
      table.columns.push_back({Column::Kind::number});
      continue;
    }
    if (name == "x" || name == "y" || name == "z") {
      table.columns.push_back({Column::Kind::coordinate, 0, name[0] - 'x'});
      continue;
    }
    const auto axis = axis_of(name);
    const std::string stem = axis ? name.substr(0, name.size() - 2) : name;
    const bool vector =
        axis && *axis < dim && has(stem + "_x") && has(stem + "_y") && has(stem + "_z") == (dim == 3) && !has(stem);
    const std::string field = vector ? stem : name;
    const auto [number, is_new] = numbers.try_emplace(field, table.fields.size());
    if (is_new) table.fields.push_back({{field, vector ? dim : 1, On::points, ""}, {}});
    table.columns.push_back({Column::Kind::field, number->second, vector ? *axis : 0});
  }
  return table;
}

/// Reads the rows of a solution on a mesh.
class SolutionReader {
 public:
  explicit SolutionReader(const MeshData& mesh) : mesh_(mesh), points_(mesh.points.size() / std::size_t(mesh.dim)) {
    const auto [low, high] = std::minmax_element(mesh.points.begin(), mesh.points.end());
    tolerance_ = kRounding * (*high - *low);
  }

  std::vector<HostField> read(Source& source) const {
    Table table = read_names(source, mesh_.dim);
    for (HostField& field : table.fields) field.values.reserve(points_ * std::size_t(field.spec.components));
    for (std::size_t point = 0; point < points_; ++point) {
      if (source.at_end())
        source.fail("ends after " + std::to_string(point) + " rows, but the mesh has " + std::to_string(points_) +
                    " points");
      read_row(source, table, point);
    }
    while (!source.at_end()) {
      if (!trimmed(source.line_view()).empty())
        source.fail_in_line("more rows than the mesh has points (" + std::to_string(points_) + ")");
    }
    return std::move(table.fields);
  }

 private:
  void read_row(Source& source, Table& table, std::size_t point) const {
    for (HostField& field : table.fields) field.values.resize((point + 1) * std::size_t(field.spec.components));
    Row row(source, true);
    for (const Column& column : table.columns) {
      const double value = row.number<double>("a number in each column");
      if (column.kind == Column::Kind::number && value != static_cast<double>(point))
        row.fail("PointID " + std::to_string(value) + " in row " + std::to_string(point) +
                 "; expected the mesh's order");
      if (column.kind == Column::Kind::coordinate) check_place(row, column.component, value, point);
      if (column.kind != Column::Kind::field) continue;
      HostField& field = table.fields[column.field];
      field.values[point * std::size_t(field.spec.components) + std::size_t(column.component)] = value;
    }
  }

  void check_place(const Row& row, int axis, double value, std::size_t point) const {
    const double expected = axis < mesh_.dim ? mesh_.points[point * std::size_t(mesh_.dim) + std::size_t(axis)] : 0;
    if (std::abs(value - expected) <= tolerance_) return;
    row.fail("point " + std::to_string(point) + " is at " + std::to_string(value) + " on axis " + std::to_string(axis) +
             ", in the mesh at " + std::to_string(expected) +
             "; expected the mesh's order, and a mesh that does not move");
  }

  const MeshData& mesh_;
  std::size_t points_;
  double tolerance_;
};

}  // namespace

std::vector<HostField> read_su2_solution(Source& source, const MeshData& mesh) {
  return SolutionReader(mesh).read(source);
}

}  // namespace cotan
