// Writes a trajectory as a transient VTKHDF file: https://docs.vtk.org/en/latest/vtk_file_formats/vtkhdf_file_format
#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "io/archive.h"
#include "io/require.h"
#include "io/vtk_grid.h"
#include "io/vtkhdf.h"
#include "io/vtkhdf_file.h"
#include "io/vtkhdf_layout.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

std::string data_group(On on) {
  switch (on) {
    case On::points:
      return "PointData";
    case On::cells:
      return "CellData";
    case On::whole:
      return "FieldData";
    case On::dofs:
      break;
  }
  throw Error("VTKHDF keeps fields on points, cells and the whole, not on degrees of freedom");
}

void write_grid(const h5::File& file, const Mesh& mesh) {
  const VtkGrid grid = grid_from_mesh(mesh);
  const std::int64_t points = mesh.num_points(), cells = mesh.num_cells();
  const auto links = static_cast<std::int64_t>(grid.connectivity.size());
  h5::make_group(file, "VTKHDF");
  h5::set_attribute(file, "VTKHDF", "Version", std::vector<std::int64_t>{2, 2});
  h5::set_attribute(file, "VTKHDF", "Type", std::string("UnstructuredGrid"));
  h5::write(file, "VTKHDF/NumberOfPoints", DType::i64, {1}, &points);
  h5::write(file, "VTKHDF/NumberOfCells", DType::i64, {1}, &cells);
  h5::write(file, "VTKHDF/NumberOfConnectivityIds", DType::i64, {1}, &links);
  h5::write(file, "VTKHDF/Points", DType::f64, {points, 3}, grid.points.data());
  h5::write(file, "VTKHDF/Types", DType::u8, {cells}, grid.types.data());
  h5::write(file, "VTKHDF/Offsets", DType::i64, {cells + 1}, grid.offsets.data());
  h5::write(file, "VTKHDF/Connectivity", DType::i64, {links}, grid.connectivity.data());
}

// Sets go under numbers, since a name may hold any sign; the name is an attribute.
void write_set(const h5::File& file, const std::string& group, std::size_t k, const std::string& name,
               std::vector<std::int64_t> shape, const std::vector<Index>& values, const MeshData& mesh) {
  const std::string dataset = group + "/" + std::to_string(k);
  h5::write(file, dataset, DType::i32, std::move(shape), values.data());
  h5::set_attribute(file, dataset, "name", name);
  const auto number = mesh.numbers.find(name);
  if (number != mesh.numbers.end())
    h5::set_attribute(file, dataset, "number", std::vector<std::int64_t>{number->second});
}

void write_meta(const h5::File& file, const Mesh& mesh, const TrajectoryMeta& meta) {
  write_sets(file, mesh);
  if (!meta.roles.empty()) {
    h5::write(file, "cotan/roles", DType::u8, {std::ssize(meta.roles)}, meta.roles.data());
    const std::vector<std::string> names(kRoleNames.begin(), kRoleNames.end());
    h5::set_attribute(file, "cotan/roles", "names", join(names, ","));
  }
  std::size_t k = 0;
  for (const auto& [name, mask] : meta.prescribed) {
    const std::string dataset = "cotan/prescribed/" + std::to_string(k++);
    const std::int64_t points = mesh.num_points();
    h5::write(file, dataset, DType::u8, {points, std::ssize(mask) / points}, mask.data());
    h5::set_attribute(file, dataset, "name", name);
  }
  k = 0;
  for (const auto& [name, value] : meta.parameters) {
    const std::string dataset = "cotan/parameters/" + std::to_string(k++);
    h5::write(file, dataset, DType::f64, {}, &value);
    h5::set_attribute(file, dataset, "name", name);
  }
  h5::write_string(file, "cotan/config", meta.config);
}

class VtkHdfWriter : public TrajectoryWriter {
 public:
  VtkHdfWriter(fs::path target, const Mesh& mesh, const std::vector<FieldSpec>& specs, const TrajectoryMeta& meta)
      : target_(std::move(target)), staged_(target_) {
    const auto lock = h5::hold();
    try {
      file_ = h5::create_file(staged_.path());
      file_.path = target_;  // for messages
      write_grid(file_, mesh);
      h5::make_group(file_, "VTKHDF/Steps");
      write_meta(file_, mesh, meta);
      for (const auto& spec : specs) add_column(spec, mesh);
    } catch (...) {
      file_ = {};  // while the lock is held
      throw;
    }
  }
  ~VtkHdfWriter() override {
    const auto lock = h5::hold();
    file_ = {};
  }

  void append(double t, std::span<const HostField> fields) override {
    if (!times_.empty() && !(t > times_.back())) throw Error(target_.string() + ": frames must follow in time");
    std::vector<std::vector<float>> frames;  // all, before one is written
    for (const auto& column : columns_) frames.push_back(frame_of(column, t, fields));
    const auto lock = h5::hold();
    for (std::size_t c = 0; c < columns_.size(); ++c) append(columns_[c], std::move(frames[c]));
    times_.push_back(t);
  }

  void finish() override {
    const auto lock = h5::hold();
    const auto n = std::ssize(times_);
    COTAN_REQUIRE(n > 0, target_.string() << ": a trajectory without a frame");
    const std::vector<std::int64_t> zeros(n, 0), ones(n, 1);
    h5::set_attribute(file_, "VTKHDF/Steps", "NSteps", std::vector<std::int64_t>{n});
    h5::write(file_, "VTKHDF/Steps/Values", DType::f64, {n}, times_.data());
    h5::write(file_, "VTKHDF/Steps/NumberOfParts", DType::i64, {n}, ones.data());
    for (const char* name : {"PartOffsets", "PointOffsets", "CellOffsets", "ConnectivityIdOffsets"}) {
      h5::write(file_, std::string("VTKHDF/Steps/") + name, DType::i64, {n}, zeros.data());
    }
    for (const auto& column : columns_) write_offsets(column);
    h5::close_file(std::exchange(file_, {}), target_);
    staged_.commit();
  }

 private:
  struct Column {
    FieldSpec spec;
    std::string dataset;
    std::int64_t rows;                  // of a frame
    std::vector<float> last;            // the latest frame on disk
    std::int64_t frames = 0;            // on disk
    std::vector<std::int64_t> offsets;  // of each step's frame, in rows
  };

  void add_column(const FieldSpec& spec, const Mesh& mesh) {
    const std::string group = data_group(spec.on);
    COTAN_REQUIRE(
        !spec.name.empty() && spec.name != "." && spec.name.find('/') == std::string::npos,
        target_.string() << ": field '" << spec.name << "': a name in a VTKHDF file has no '/' and is not empty");
    const std::int64_t rows = spec.on == On::whole ? 1 : spec.on == On::points ? mesh.num_points() : mesh.num_cells();
    Column column{spec, "VTKHDF/" + group + "/" + spec.name, rows, {}, 0, {}};
    for (const auto& other : columns_) {
      if (other.dataset == column.dataset) throw Error(target_.string() + ": two fields " + spec.name);
    }
    const bool scalar = spec.components == 1;
    // A chunk is a frame, or several small ones.
    h5::make_growing(file_, column.dataset, DType::f32,
                     scalar ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{spec.components},
                     std::max<std::int64_t>(rows, 64));
    if (!spec.unit.empty()) h5::set_attribute(file_, column.dataset, "unit", spec.unit);
    columns_.push_back(std::move(column));
  }

  std::vector<float> frame_of(const Column& column, double t, std::span<const HostField> fields) const {
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.spec.name == column.spec.name; });
    if (field == fields.end()) throw Error(target_.string() + ": no values for the field " + column.spec.name);
    const std::vector<double>& values = field->values;
    const auto expected = static_cast<std::size_t>(column.rows * column.spec.components);
    if (values.size() != expected) {
      throw Error(target_.string() + ": field " + column.spec.name + ": " + std::to_string(values.size()) +
                  " values, expected " + std::to_string(expected));
    }
    std::vector<float> frame(values.begin(), values.end());
    for (std::size_t i = 0; i < frame.size(); ++i) {
      if (std::isfinite(frame[i]) || !std::isfinite(values[i])) continue;
      std::ostringstream text;
      text << target_.string() << ": field " << column.spec.name << ", row " << i / std::size_t(column.spec.components)
           << ", time " << t << ": " << values[i] << " is beyond the 32 bits of the file";
      throw NumericsError(text.str());
    }
    return frame;
  }

  // A frame equal to the one before is not stored again, so that static fields stand in the file once.
  void append(Column& column, std::vector<float> frame) {
    if (column.frames == 0 || frame != column.last) {
      h5::append_rows(file_, column.dataset, DType::f32, column.rows, frame.data());
      column.last = std::move(frame);
      ++column.frames;
    }
    column.offsets.push_back((column.frames - 1) * column.rows);
  }

  void write_offsets(const Column& column) {
    const std::string steps = "VTKHDF/Steps/" + data_group(column.spec.on);
    const auto n = std::ssize(column.offsets);
    h5::write(file_, steps + "Offsets/" + column.spec.name, DType::i64, {n}, column.offsets.data());
    if (column.spec.on != On::whole) return;
    std::vector<std::int64_t> sizes;  // components and tuples of each step
    for (std::int64_t k = 0; k < n; ++k) sizes.insert(sizes.end(), {column.spec.components, 1});
    h5::write(file_, steps + "Sizes/" + column.spec.name, DType::i64, {n, 2}, sizes.data());
  }

  fs::path target_;
  StagedFile staged_;
  h5::File file_;
  std::vector<Column> columns_;
  std::vector<double> times_;
};

}  // namespace

void write_sets(const h5::File& file, const Mesh& of) {
  const MeshData& mesh = of.data();
  h5::make_group(file, "cotan");
  h5::set_attribute(file, "cotan", "dim", std::vector<std::int64_t>{mesh.dim});
  std::size_t k = 0;
  for (const auto& [name, points] : mesh.point_sets) {
    write_set(file, "cotan/point_sets", k++, name, {std::ssize(points)}, points, mesh);
  }
  for (const auto& [name, cells] : mesh.cell_sets) {
    write_set(file, "cotan/cell_sets", k++, name, {std::ssize(cells)}, cells, mesh);
  }
  for (const auto& [name, facets] : mesh.facet_sets) {
    std::vector<Index> pairs;
    for (const Facet& facet : facets) pairs.insert(pairs.end(), {facet.cell, facet.local});
    write_set(file, "cotan/facet_sets", k++, name, {std::ssize(facets), 2}, pairs, mesh);
  }
}

void require_hdf5(const fs::path&) {}

void write_vtkhdf(const fs::path& path, const Snapshot& snapshot) {
  StagedFile staged(path);
  const auto lock = h5::hold();
  h5::File file = h5::create_file(staged.path());
  file.path = path;  // for messages
  write_grid(file, snapshot.mesh);
  write_sets(file, snapshot.mesh);
  h5::write(file, "VTKHDF/FieldData/TimeValue", DType::f64, {1}, &snapshot.time);
  for (const auto& field : snapshot.fields) {
    const std::string& name = field.spec.name;
    COTAN_REQUIRE(!name.empty() && name.find('/') == name.npos && name != "." && name != "..",
                  path.string() << ": the field '" << name << "' cannot have that name in a VTKHDF file");
    const std::int64_t components = field.spec.components;
    const std::string dataset = "VTKHDF/" + data_group(field.spec.on) + "/" + name;
    std::vector<std::int64_t> shape = {std::ssize(field.values) / components};
    if (components > 1 || field.spec.on == On::whole) shape.push_back(components);
    h5::write(file, dataset, DType::f64, shape, field.values.data());
    if (!field.spec.unit.empty()) h5::set_attribute(file, dataset, "unit", field.spec.unit);
  }
  h5::close_file(std::move(file), path);
  staged.commit();
}

std::unique_ptr<TrajectoryWriter> write_trajectory(const fs::path& file, const Mesh& mesh,
                                                   const std::vector<FieldSpec>& fields, const TrajectoryMeta& meta) {
  if (!meta.roles.empty()) {
    const std::int64_t roles = std::ssize(meta.roles);
    check_shape(std::span(&roles, 1), {mesh.num_points()}, "roles");
  }
  for (const auto& [name, mask] : meta.prescribed) {
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&, &wanted = name](const auto& f) { return f.name == wanted; });
    if (field == fields.end() || field->on != On::points) throw Error("prescribed: no field '" + name + "' on points");
    const std::int64_t values = std::ssize(mask);
    check_shape(std::span(&values, 1), {std::int64_t{mesh.num_points()} * field->components}, "prescribed " + name);
  }
  return std::make_unique<VtkHdfWriter>(file, mesh, fields, meta);
}

}  // namespace cotan
