#include <algorithm>
#include <array>
#include <cctype>
#include <pugixml.hpp>
#include <sstream>

#include "core/check.h"
#include "core/files.h"
#include "io/vtk_grid.h"
#include "io/vtkhdf_layout.h"
#include "io/xdmf.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

struct TopologyName {
  CellType type;
  const char* name;
  int number;
};
constexpr std::array<TopologyName, 17> kNames = {{{CellType::vertex, "Polyvertex", 1},
                                                  {CellType::line, "Polyline", 2},
                                                  {CellType::triangle, "Triangle", 4},
                                                  {CellType::quad, "Quadrilateral", 5},
                                                  {CellType::tetra, "Tetrahedron", 6},
                                                  {CellType::pyramid, "Pyramid", 7},
                                                  {CellType::wedge, "Wedge", 8},
                                                  {CellType::hexa, "Hexahedron", 9},
                                                  {CellType::line3, "Edge_3", 34},
                                                  {CellType::quad9, "Quadrilateral_9", 35},
                                                  {CellType::triangle6, "Triangle_6", 36},
                                                  {CellType::quad8, "Quadrilateral_8", 37},
                                                  {CellType::tetra10, "Tetrahedron_10", 38},
                                                  {CellType::pyramid13, "Pyramid_13", 39},
                                                  {CellType::wedge15, "Wedge_15", 40},
                                                  {CellType::hexa20, "Hexahedron_20", 48},
                                                  {CellType::hexa27, "Hexahedron_27", 50}}};

const TopologyName& name_of(CellType type) {
  return *std::find_if(kNames.begin(), kNames.end(), [&](const auto& row) { return row.type == type; });
}

fs::path companion_of(fs::path file) {
  return file.replace_extension(".h5");
}

std::string number(double value) {
  std::ostringstream out;
  out.precision(17);
  out << value;
  return out.str();
}

// A name of ours in the HDF5 file: the field's own, where it is one there.
std::string dataset_name(const std::string& field, std::size_t number) {
  const bool plain = !field.empty() && field.front() != '.' &&
                     std::all_of(field.begin(), field.end(),
                                 [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
  return plain ? field : std::to_string(number);
}

/// Writes both files; one grid, or a collection over time.
class XdmfWriter : public TrajectoryWriter {
 public:
  XdmfWriter(fs::path target, const Mesh& mesh, const std::vector<FieldSpec>& specs, bool temporal)
      : target_(std::move(target)),
        companion_(companion_of(target_)),
        staged_(target_),
        staged_companion_(companion_),
        rows_{mesh.num_points(), mesh.num_cells()},
        temporal_(temporal) {
    for (const auto& spec : specs)
      columns_.push_back({spec, "fields/" + dataset_name(spec.name, columns_.size()), {}, {}});
    const auto lock = h5::hold();
    try {
      file_ = h5::create_file(staged_companion_.path());
      file_.path = companion_;  // for messages
      write_mesh(mesh);
      write_sets(file_, mesh);
    } catch (...) {
      file_ = {};  // while the lock is held
      throw;
    }
  }
  ~XdmfWriter() override {
    const auto lock = h5::hold();
    file_ = {};
  }

  void append(double t, std::span<const HostField> fields) override {
    if (!times_.empty() && !(t > times_.back())) throw Error(target_.string() + ": frames must follow in time");
    const auto lock = h5::hold();
    for (auto& column : columns_) {
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.spec.name == column.spec.name; });
      if (field == fields.end()) throw Error(target_.string() + ": no values for the field " + column.spec.name);
      append(column, field->values);
    }
    times_.push_back(t);
  }

  void finish() override {
    {
      const auto lock = h5::hold();
      h5::close_file(std::exchange(file_, {}), companion_);
    }
    std::ostringstream text;
    description().save(text, "  ");
    write_file(staged_.path(), text.str());
    staged_companion_.commit();
    staged_.commit();
  }

 private:
  struct Column {
    FieldSpec spec;
    std::string group;
    std::vector<std::string> datasets;  // one a frame; a frame equal to the one before is not stored again
    std::vector<double> last;
  };

  std::int64_t rows_of(On on) const {
    if (on == On::dofs) throw Error("XDMF keeps fields on points, cells and the whole, not on degrees of freedom");
    return on == On::points ? rows_[0] : on == On::cells ? rows_[1] : 1;
  }

  void append(Column& column, const std::vector<double>& values) {
    const std::int64_t rows = rows_of(column.spec.on), columns = column.spec.components;
    if (std::ssize(values) != rows * columns) {
      throw Error(target_.string() + ": field " + column.spec.name + ": " + std::to_string(values.size()) +
                  " values, expected " + std::to_string(rows * columns));
    }
    if (column.datasets.empty() || values != column.last) {
      column.datasets.push_back(column.group + "/" + std::to_string(times_.size()));
      h5::write(file_, column.datasets.back(), DType::f64, {rows, columns}, values.data());
      column.last = values;
    } else {
      column.datasets.push_back(column.datasets.back());
    }
  }

  void write_mesh(const Mesh& mesh) {
    const VtkGrid grid = grid_from_mesh(mesh);
    width_ = mesh.dim() == 3 ? 3 : 2;
    std::vector<double> points;
    for (std::size_t i = 0; i < grid.points.size(); ++i) {
      if (static_cast<int>(i % 3) < width_) points.push_back(grid.points[i]);
    }
    h5::write(file_, "mesh/points", DType::f64, {mesh.num_points(), width_}, points.data());
    const CellType first = mesh.type(0);
    const auto types = mesh.types();
    mixed_ = std::any_of(types.begin(), types.end(), [&](CellType type) { return type != first; });
    first_ = first;
    std::vector<std::int64_t> cells;
    for (Index c = 0; c < mesh.num_cells(); ++c) {
      const TopologyName& row = name_of(mesh.type(c));
      if (mixed_) cells.push_back(row.number);
      if (mixed_ && row.number <= 2) cells.push_back(row.number);  // of so many nodes
      cells.insert(cells.end(), mesh.cell(c).begin(), mesh.cell(c).end());
    }
    cell_shape_ =
        mixed_ ? std::vector{std::ssize(cells)} : std::vector<std::int64_t>{mesh.num_cells(), shape(first).num_nodes};
    h5::write(file_, "mesh/cells", DType::i64, cell_shape_, cells.data());
  }

  pugi::xml_node add_item(pugi::xml_node parent, const std::vector<std::int64_t>& shape, const char* kind,
                          const std::string& dataset) const {
    std::string dimensions;
    for (const auto n : shape) dimensions += (dimensions.empty() ? "" : " ") + std::to_string(n);
    pugi::xml_node item = parent.append_child("DataItem");
    item.append_attribute("Dimensions") = dimensions.c_str();
    item.append_attribute("NumberType") = kind;
    item.append_attribute("Precision") = 8;
    item.append_attribute("Format") = "HDF";
    item.text() = (companion_.filename().string() + ":/" + dataset).c_str();
    return item;
  }

  void add_grid(pugi::xml_node parent, std::size_t k) const {
    pugi::xml_node grid = parent.append_child("Grid");
    grid.append_attribute("Name") = "mesh";
    grid.append_attribute("GridType") = "Uniform";
    if (temporal_ || times_.at(k) != 0)
      grid.append_child("Time").append_attribute("Value") = number(times_.at(k)).c_str();
    pugi::xml_node topology = grid.append_child("Topology");
    topology.append_attribute("TopologyType") = mixed_ ? "Mixed" : name_of(first_).name;
    topology.append_attribute("NumberOfElements") = static_cast<long long>(rows_[1]);
    if (!mixed_) topology.append_attribute("NodesPerElement") = shape(first_).num_nodes;
    add_item(topology, cell_shape_, "Int", "mesh/cells");
    pugi::xml_node geometry = grid.append_child("Geometry");
    geometry.append_attribute("GeometryType") = width_ == 3 ? "XYZ" : "XY";
    add_item(geometry, {rows_[0], width_}, "Float", "mesh/points");
    for (const auto& column : columns_) {
      const int components = column.spec.components;
      pugi::xml_node attribute = grid.append_child("Attribute");
      attribute.append_attribute("Name") = column.spec.name.c_str();
      attribute.append_attribute("AttributeType") = components == 1   ? "Scalar"
                                                    : components == 3 ? "Vector"
                                                    : components == 6 ? "Tensor6"
                                                    : components == 9 ? "Tensor"
                                                                      : "Matrix";
      attribute.append_attribute("Center") = column.spec.on == On::points  ? "Node"
                                             : column.spec.on == On::cells ? "Cell"
                                                                           : "Grid";
      add_item(attribute, {rows_of(column.spec.on), components}, "Float", column.datasets.at(k));
    }
  }

  pugi::xml_document description() const {
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("Xdmf");
    root.append_attribute("Version") = "3.0";
    pugi::xml_node domain = root.append_child("Domain");
    if (!temporal_) {
      add_grid(domain, 0);
      return document;
    }
    pugi::xml_node collection = domain.append_child("Grid");
    collection.append_attribute("Name") = "series";
    collection.append_attribute("GridType") = "Collection";
    collection.append_attribute("CollectionType") = "Temporal";
    for (std::size_t k = 0; k < times_.size(); ++k) add_grid(collection, k);
    return document;
  }

  fs::path target_, companion_;
  StagedFile staged_, staged_companion_;
  h5::File file_;
  std::array<std::int64_t, 2> rows_;  // points, cells
  bool temporal_;
  int width_ = 3;  // coordinates of a point
  bool mixed_ = false;
  CellType first_ = CellType::vertex;
  std::vector<std::int64_t> cell_shape_;
  std::vector<Column> columns_;
  std::vector<double> times_;
};

}  // namespace

std::unique_ptr<TrajectoryWriter> write_xdmf_series(const fs::path& file, const Mesh& mesh,
                                                    const std::vector<FieldSpec>& fields) {
  return std::make_unique<XdmfWriter>(file, mesh, fields, true);
}

void write_xdmf(const fs::path& path, const Snapshot& snapshot) {
  std::vector<FieldSpec> specs;
  for (const auto& field : snapshot.fields) specs.push_back(field.spec);
  XdmfWriter writer(path, snapshot.mesh, specs, false);
  writer.append(snapshot.time, snapshot.fields);
  writer.finish();
}

}  // namespace cotan
