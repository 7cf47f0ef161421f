#include "io/vtkhdf_layout.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "core/check.h"

namespace cotan {
namespace {

using Layout = VtkHdfLayout;

[[noreturn]] void fail(const h5::File& file, const std::string& object, const std::string& problem) {
  throw InputError(file.path.string() + ": " + object + ": " + problem);
}

void check_head(const h5::File& file) {
  if (!h5::has(file, "VTKHDF")) fail(file, "VTKHDF", "no such group: an HDF5 file, but no VTKHDF file");
  const auto type = h5::text_attribute(file, "VTKHDF", "Type");  // VTKHDF 1.0 may leave it out
  if (type && *type != "UnstructuredGrid")
    fail(file, "VTKHDF@Type", "found '" + *type + "', expected 'UnstructuredGrid'");
  const auto version = h5::integer_attribute(file, "VTKHDF", "Version");
  if (version && version->front() > 2)
    fail(file, "VTKHDF@Version", "found " + std::to_string(version->front()) + ", can be read: 1 and 2");
}

// A column of the Steps group, one number a step; `otherwise` where it is absent.
std::vector<std::int64_t> step_column(const h5::File& file, const std::string& name, std::size_t steps,
                                      std::int64_t otherwise) {
  const std::string dataset = "VTKHDF/Steps/" + name;
  if (!h5::has(file, dataset)) return std::vector<std::int64_t>(steps, otherwise);
  auto values = h5::read_integers(file, dataset);
  if (values.size() != steps) {
    fail(file, dataset,
         std::to_string(values.size()) + " entries, expected one for each of " + std::to_string(steps) + " steps");
  }
  return values;
}

void read_times(const h5::File& file, Layout& layout) {
  layout.transient = h5::has(file, "VTKHDF/Steps");
  if (!layout.transient) {
    const std::string dataset = "VTKHDF/FieldData/TimeValue";
    layout.times = h5::has(file, dataset) ? h5::read_doubles(file, dataset) : std::vector<double>{0};
    if (layout.times.size() != 1) fail(file, dataset, std::to_string(layout.times.size()) + " values, expected 1");
    return;
  }
  layout.times = h5::read_doubles(file, "VTKHDF/Steps/Values");
  const auto steps = h5::integer_attribute(file, "VTKHDF/Steps", "NSteps");
  if (!steps || steps->front() != std::ssize(layout.times)) {
    fail(file, "VTKHDF/Steps@NSteps",
         (steps ? "found " + std::to_string(steps->front()) : "absent") + ", but Values has " +
             std::to_string(layout.times.size()) + " entries");
  }
  if (layout.times.empty()) fail(file, "VTKHDF/Steps", "no time step");
  for (std::size_t k = 0; k < layout.times.size(); ++k) {
    if (!std::isfinite(layout.times[k]) || (k > 0 && layout.times[k] <= layout.times[k - 1])) {
      std::ostringstream text;
      text << "time " << layout.times[k] << " of step " << k << "; expected finite and increasing times";
      fail(file, "VTKHDF/Steps/Values", text.str());
    }
  }
}

// [first, first + count) within the rows of a dataset.
void check_rows(const h5::File& file, const std::string& dataset, std::int64_t first, std::int64_t count,
                std::int64_t rows, std::size_t step) {
  if (first < 0 || count < 0 || first > rows || count > rows - first) {
    fail(file, dataset,
         "step " + std::to_string(step) + " takes " + std::to_string(count) + " rows from " + std::to_string(first) +
             ", but there are " + std::to_string(rows));
  }
}

void check_steps(const h5::File& file, const Layout& layout) {
  const auto points = h5::info(file, "VTKHDF/Points"), types = h5::info(file, "VTKHDF/Types");
  const auto links = h5::info(file, "VTKHDF/Connectivity"), offsets = h5::info(file, "VTKHDF/Offsets");
  if (points.shape.size() != 2 || points.columns() != 3) fail(file, "VTKHDF/Points", "expected rows of 3 coordinates");
  for (std::size_t k = 0; k < layout.steps.size(); ++k) {
    const auto& step = layout.steps[k];
    check_rows(file, "VTKHDF/Points", step.first_point, step.points, points.rows(), k);
    check_rows(file, "VTKHDF/Types", step.first_cell, step.cells, types.rows(), k);
    check_rows(file, "VTKHDF/Connectivity", step.first_link, step.links, links.rows(), k);
    check_rows(file, "VTKHDF/Offsets", step.first_offset, step.cells + 1, offsets.rows(), k);
  }
}

void read_steps(const h5::File& file, Layout& layout) {
  const auto points = h5::read_integers(file, "VTKHDF/NumberOfPoints");
  const auto cells = h5::read_integers(file, "VTKHDF/NumberOfCells");
  const auto links = h5::read_integers(file, "VTKHDF/NumberOfConnectivityIds");
  if (cells.size() != points.size() || links.size() != points.size()) {
    fail(file, "VTKHDF/NumberOfCells", "the counts of points, cells and connectivity have different numbers of parts");
  }
  const std::size_t n = layout.times.size();
  const auto parts = step_column(file, "NumberOfParts", n, layout.transient ? 1 : std::ssize(points));
  const auto first_part = step_column(file, "PartOffsets", n, 0);
  const auto first_point = step_column(file, "PointOffsets", n, 0), first_cell = step_column(file, "CellOffsets", n, 0);
  const auto first_link = step_column(file, "ConnectivityIdOffsets", n, 0);
  for (std::size_t k = 0; k < n; ++k) {
    if (parts[k] != 1) {
      fail(file, "VTKHDF/Steps/NumberOfParts",
           "step " + std::to_string(k) + " has " + std::to_string(parts[k]) + " parts; files of one part can be read");
    }
    const std::int64_t part = first_part[k];
    check_rows(file, "VTKHDF/NumberOfPoints", part, 1, std::ssize(points), k);
    if (points[part] < 0 || cells[part] < 0 || links[part] < 0 || first_cell[k] < 0 ||
        first_cell[k] > (std::int64_t{1} << 46)) {
      fail(file, "VTKHDF/NumberOfPoints", "a count or offset of step " + std::to_string(k) + " is out of range");
    }
    // every part has one offset more than it has cells
    layout.steps.push_back(
        {points[part], cells[part], links[part], first_point[k], first_cell[k], first_link[k], first_cell[k] + part});
  }
  check_steps(file, layout);
}

// A field on the whole: the tuples of a step are its one row.
void shape_whole_field(const h5::File& file, const std::string& name, const h5::Info& about, std::size_t steps,
                       Layout::Field& field) {
  const std::string sizes_name = "VTKHDF/Steps/FieldDataSizes/" + name;
  std::int64_t tuples = h5::has(file, "VTKHDF/Steps/FieldDataOffsets/" + name) ? 1 : about.rows();
  if (h5::has(file, sizes_name)) {
    const auto sizes = h5::read_integers(file, sizes_name);
    if (sizes.size() != 2 * steps) fail(file, sizes_name, "expected two numbers a step");
    tuples = sizes[1];
    for (std::size_t k = 0; k < steps; ++k) {
      if (sizes[2 * k] != about.columns() || sizes[2 * k + 1] != tuples || tuples < 1) {
        fail(file, sizes_name, "step " + std::to_string(k) + " has another size; fields of one size can be read");
      }
    }
  }
  if (tuples < 1 || tuples > 1'000'000 / about.columns())
    fail(file, field.dataset, "has " + std::to_string(tuples) + " rows a step");
  field.whole_rows = tuples;
  field.about.spec.components = static_cast<int>(tuples * about.columns());
}

std::optional<Layout::Field> read_field(const h5::File& file, const Layout& layout, const std::string& group, On on,
                                        const std::string& name) {
  Layout::Field field;
  field.dataset = "VTKHDF/" + group + "/" + name;
  const auto about = h5::info(file, field.dataset);
  const bool text = !about.dtype || (on == On::whole && size_of(*about.dtype) == 1);  // VTK keeps text as bytes
  if (text || about.shape.empty() || about.rows() == 0) return std::nullopt;
  if (about.columns() < 1 || about.columns() > 1'000'000)
    fail(file, field.dataset, "has " + std::to_string(about.columns()) + " components");
  field.about = {{name, static_cast<int>(about.columns()), on, {}}, *about.dtype, false};
  if (const auto unit = h5::text_attribute(file, field.dataset, "unit")) field.about.spec.unit = *unit;
  const std::size_t steps = layout.steps.size();
  if (on == On::whole) shape_whole_field(file, name, about, steps, field);
  field.first_row = step_column(file, group + "Offsets/" + name, steps, 0);
  field.about.is_static = std::all_of(field.first_row.begin(), field.first_row.end(),
                                      [&](auto row) { return row == field.first_row.front(); });
  for (std::size_t k = 0; k < steps; ++k) {
    check_rows(file, field.dataset, field.first_row[k], layout.rows(field, k), about.rows(), k);
  }
  return field;
}

void read_fields(const h5::File& file, Layout& layout) {
  const std::pair<const char*, On> groups[] = {
      {"PointData", On::points}, {"CellData", On::cells}, {"FieldData", On::whole}};
  for (const auto& [group, on] : groups) {
    for (const auto& name : h5::children(file, std::string("VTKHDF/") + group)) {
      if (on == On::whole && name == "TimeValue") continue;
      auto field = read_field(file, layout, group, on, name);
      if (!field) continue;
      const auto same = [&](const auto& other) { return other.about.spec.name == name; };
      if (std::any_of(layout.fields.begin(), layout.fields.end(), same)) {
        fail(file, field->dataset, "a field of this name stands on other rows, too");
      }
      layout.fields.push_back(std::move(*field));
    }
  }
}

std::vector<Role> read_roles(const h5::File& file, std::int64_t points) {
  const std::string dataset = "cotan/roles";
  if (!h5::has(file, dataset)) return {};
  const auto numbers = h5::read_integers(file, dataset);
  if (std::ssize(numbers) != points)
    fail(file, dataset, std::to_string(numbers.size()) + " roles for " + std::to_string(points) + " points");
  std::vector<Role> by_number;
  std::istringstream names(h5::text_attribute(file, dataset, "names").value_or(""));
  try {
    for (std::string name; std::getline(names, name, ',');) by_number.push_back(role_from(name));
  } catch (const InputError& error) {
    fail(file, dataset + "@names", error.what());
  }
  std::vector<Role> roles;
  for (const auto number : numbers) {
    if (number < 0 || number >= std::ssize(by_number))
      fail(file, dataset, "number " + std::to_string(number) + " has no name");
    roles.push_back(by_number[number]);
  }
  return roles;
}

void read_prescribed(const h5::File& file, Layout& layout) {
  for (const auto& child : h5::children(file, "cotan/prescribed")) {
    const std::string dataset = "cotan/prescribed/" + child;
    const auto name = h5::text_attribute(file, dataset, "name").value_or("");
    const auto field = std::find_if(layout.fields.begin(), layout.fields.end(), [&](const auto& f) {
      return f.about.spec.name == name && f.about.spec.on == On::points;
    });
    if (field == layout.fields.end()) fail(file, dataset, "no field '" + name + "' on points");
    const auto about = h5::info(file, dataset);
    const std::int64_t points = layout.steps.front().points, components = field->about.spec.components;
    if (about.shape.empty() || about.rows() != points || about.columns() != components)
      fail(file, dataset, "its extents are not those of the field '" + name + "'");
    std::vector<std::uint8_t> mask(points * components);
    h5::read_rows(file, dataset, 0, points, components, DType::u8, mask.data());
    if (std::any_of(mask.begin(), mask.end(), [](auto given) { return given > 1; }))
      fail(file, dataset, "expected 0 (free) or 1 (given) everywhere");
    layout.prescribed[name] = std::move(mask);
  }
}

void read_meta(const h5::File& file, Layout& layout) {
  const auto dim = h5::integer_attribute(file, "cotan", "dim");
  if (!dim) return;
  if (dim->front() < 1 || dim->front() > 3)
    fail(file, "cotan@dim", "found " + std::to_string(dim->front()) + ", expected 1 to 3");
  layout.dim = static_cast<int>(dim->front());
  layout.roles = read_roles(file, layout.steps.front().points);
  read_prescribed(file, layout);
  for (const auto& child : h5::children(file, "cotan/parameters")) {
    const std::string dataset = "cotan/parameters/" + child;
    const auto name = h5::text_attribute(file, dataset, "name");
    const auto value = h5::read_doubles(file, dataset);
    if (!name || value.size() != 1) fail(file, dataset, "expected one number and its name");
    layout.parameters[*name] = value.front();
  }
}

std::vector<Index> read_set(const h5::File& file, const std::string& dataset, std::int64_t columns) {
  const auto about = h5::info(file, dataset);
  if (!about.dtype || about.shape.empty() || about.columns() != columns) fail(file, dataset, "not a set");
  std::vector<Index> values(about.rows() * columns);
  h5::read_rows(file, dataset, 0, about.rows(), columns, DType::i32, values.data());
  return values;
}

}  // namespace

std::int64_t VtkHdfLayout::rows(const Field& field, std::size_t step) const {
  switch (field.about.spec.on) {
    case On::points:
      return steps[step].points;
    case On::cells:
      return steps[step].cells;
    default:
      return field.whole_rows;
  }
}

VtkHdfLayout read_layout(const std::filesystem::path& path) {
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(path);
  VtkHdfLayout layout;
  layout.path = path;
  check_head(file);
  read_times(file, layout);
  read_steps(file, layout);
  const auto same = [&](const auto& step) { return step == layout.steps.front(); };
  layout.is_static = std::all_of(layout.steps.begin(), layout.steps.end(), same);
  read_fields(file, layout);
  read_meta(file, layout);
  return layout;
}

std::vector<double> read_points(const VtkHdfLayout& layout, std::size_t step) {
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(layout.path);
  const auto& s = layout.steps.at(step);
  h5::check_window(file, "VTKHDF/Points", s.points, 3);
  std::vector<double> points(3 * s.points);
  h5::read_rows(file, "VTKHDF/Points", s.first_point, s.points, 3, DType::f64, points.data());
  return points;
}

VtkGrid read_grid(const VtkHdfLayout& layout, std::size_t step) {
  VtkGrid grid;
  grid.points = read_points(layout, step);
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(layout.path);
  const auto& s = layout.steps[step];
  h5::check_window(file, "VTKHDF/Types", s.cells, 1);
  h5::check_window(file, "VTKHDF/Offsets", s.cells + 1, 1);
  h5::check_window(file, "VTKHDF/Connectivity", s.links, 1);
  grid.types.resize(s.cells);
  grid.offsets.resize(s.cells + 1);
  grid.connectivity.resize(s.links);
  h5::read_rows(file, "VTKHDF/Types", s.first_cell, s.cells, 1, DType::u8, grid.types.data());
  h5::read_rows(file, "VTKHDF/Offsets", s.first_offset, s.cells + 1, 1, DType::i64, grid.offsets.data());
  h5::read_rows(file, "VTKHDF/Connectivity", s.first_link, s.links, 1, DType::i64, grid.connectivity.data());
  return grid;
}

void read_sets(const std::filesystem::path& path, MeshData& data) {
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(path);
  for (const std::string kind : {"point_sets", "cell_sets", "facet_sets"}) {
    for (const auto& child : h5::children(file, "cotan/" + kind)) {
      const std::string dataset = "cotan/" + kind + "/" + child;
      const auto name = h5::text_attribute(file, dataset, "name");
      if (!name) fail(file, dataset, "has no name");
      auto values = read_set(file, dataset, kind == "facet_sets" ? 2 : 1);
      if (kind == "facet_sets") {
        auto& facets = data.facet_sets[*name];
        for (std::size_t i = 0; i < values.size(); i += 2) facets.push_back({values[i], values[i + 1]});
      } else {
        (kind == "point_sets" ? data.point_sets : data.cell_sets)[*name] = std::move(values);
      }
      const auto number = h5::integer_attribute(file, dataset, "number");
      if (number && !std::in_range<int>(number->front()))
        fail(file, dataset + "@number", std::to_string(number->front()) + " is out of range");
      if (number) data.numbers[*name] = static_cast<int>(number->front());
    }
  }
}

std::vector<std::byte> read_frames(const VtkHdfLayout& layout, const VtkHdfLayout::Field& field, std::size_t k0,
                                   std::size_t k1) {
  const auto lock = h5::hold();
  const h5::File file = h5::open_file(layout.path);
  const std::int64_t rows = layout.rows(field, k0);
  const std::size_t columns = field.about.spec.components / (field.about.spec.on == On::whole ? field.whole_rows : 1);
  const std::size_t frame = rows * columns * size_of(field.about.dtype);
  h5::check_window(file, field.dataset, rows, static_cast<std::int64_t>(columns));
  std::vector<std::byte> bytes((k1 - k0) * frame);
  const auto& first = field.first_row;
  for (std::size_t k = k0; k < k1;) {
    if (k > k0 && first[k] == first[k - 1]) {  // stored once
      std::copy_n(bytes.begin() + (k - 1 - k0) * frame, frame, bytes.begin() + (k - k0) * frame);
      ++k;
      continue;
    }
    std::size_t end = k + 1;
    while (end < k1 && first[end] == first[end - 1] + rows) ++end;
    h5::read_rows(file, field.dataset, first[k], rows * static_cast<std::int64_t>(end - k),
                  static_cast<std::int64_t>(columns), field.about.dtype, bytes.data() + (k - k0) * frame);
    k = end;
  }
  return bytes;
}

}  // namespace cotan
