#include "io/mapped_archive.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "core/config.h"
#include "core/files.h"
#include "io/array_file.h"
#include "io/field_number.h"
#include "io/mesh_rows.h"
#include "io/npz.h"
#include "io/numbered.h"
#include "io/with_name.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostRows = std::numeric_limits<Index>::max();

Config mapping_in(const Config& root) {
  return root.has("arrays") ? root : root["archive"];
}

std::unique_ptr<ArrayFile> open_arrays(const fs::path& path) {
  return lower_extension(path) == ".npz" ? open_npz(ByteSource::file(path)) : open_hdf5_arrays(path);
}

std::string shape_text(const ArrayFile::Variable& array) {
  std::string out;
  for (const auto n : array.shape) out += (out.empty() ? "" : ", ") + std::to_string(n);
  return "(" + out + ")";
}

/// What the mapping says of one file.
class MappedTrajectory : public Trajectory {
 public:
  MappedTrajectory(const Config& mapping, const fs::path& path) : mapping_(mapping), file_(open_arrays(path)) {
    read_mesh();
    read_times();
    for (const auto& [name, node] : mapping.at("fields").entries()) add_field(name, node);
  }
  const std::string& name() const override { return file_->name(); }
  const std::vector<double>& times() const override { return times_; }
  const std::vector<ArchiveField>& fields() const override { return about_; }
  Mesh mesh(std::size_t) const override {
    return with_name(name(), [&] { return Mesh(rows_.data); });
  }

  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override {
    return read_frames(field_number(*this, field, k0, k1), k0, k1);
  }

 private:
  struct Source {
    std::string array;
    std::int64_t rows;  // of a frame, in the file
  };

  const ArrayFile::Variable& array(const Config& node, const std::string& named) const {
    const ArrayFile::Variable* found = file_->find(named);
    if (!found) {
      std::vector<std::string> names;
      for (const auto& entry : file_->variables()) names.push_back(entry.first);
      throw InputError(node.where() + ": " + name() + ": " + unknown_name("array", named, names));
    }
    COTAN_REQUIRE(found->dtype, node.where() << ": " << name() << ": array " << named << " holds no numbers");
    return *found;
  }

  void add_cells(const Config& node, VtkGrid& grid, std::int64_t dim) const {
    const std::string named = node.text();
    const auto& about = array(node, named);
    COTAN_REQUIRE(about.shape.size() == 2 && about.rows() > 0 && about.rows() < kMostRows,
                  node.where() << ": " << name() << ": array " << named << " has shape " << shape_text(about)
                               << ", expected (cells, nodes of a cell)");
    const CellType type = type_of(node, about.columns(), dim);
    const auto nodes = file_->read_integers(named);
    for (std::int64_t c = 0; c < about.rows(); ++c) {
      grid.types.push_back(static_cast<std::uint8_t>(shape(type).vtk));
      grid.offsets.push_back(grid.offsets.back() + about.columns());
    }
    grid.connectivity.insert(grid.connectivity.end(), nodes.begin(), nodes.end());
  }

  // By the key, as {triangle6: tri}; else by the number of nodes.
  CellType type_of(const Config& node, std::int64_t nodes, std::int64_t dim) const {
    const std::string path = node.key_path(), key = path.substr(path.rfind('.') + 1);
    std::optional<CellType> type = cell_type_from_name(key);
    if (!type && key == "cells") {
      if (nodes == 2) type = CellType::line;
      if (nodes == 3) type = CellType::triangle;
      if (nodes == 4) type = dim == 3 ? CellType::tetra : CellType::quad;
      if (nodes == 8 && dim == 3) type = CellType::hexa;
    }
    COTAN_REQUIRE(type, node.where() << ": cells of " << nodes
                                     << " nodes; name their kind, as in cells: {quad: …} (line, triangle, quad, tetra, "
                                        "pyramid, wedge, hexa, triangle6, …)");
    COTAN_REQUIRE(shape(*type).num_nodes == nodes, node.where()
                                                       << ": cells of " << nodes << " nodes, but a "
                                                       << shape(*type).name << " has " << shape(*type).num_nodes);
    return *type;
  }

  void read_mesh() {
    const Config points = mapping_.at("points"), cells = mapping_.at("cells");
    const auto& about = array(points, points.text());
    const std::int64_t dim = about.shape.size() == 2 ? about.columns() : 0;
    COTAN_REQUIRE(dim >= 1 && dim <= 3 && about.rows() > 0 && about.rows() < kMostRows,
                  points.where() << ": " << name() << ": array " << points.text() << " has shape " << shape_text(about)
                                 << ", expected (points, 1 to 3)");
    VtkGrid grid;
    const auto values = file_->read_doubles(points.text());
    grid.points.assign(static_cast<std::size_t>(about.rows()) * 3, 0);
    for (std::size_t i = 0; i < values.size(); ++i)
      grid.points[i / static_cast<std::size_t>(dim) * 3 + i % static_cast<std::size_t>(dim)] = values[i];
    grid.offsets.push_back(0);
    if (cells.kind() == Config::Kind::map) {
      for (const auto& entry : cells.entries()) add_cells(entry.second, grid, dim);
    } else {
      add_cells(cells, grid, dim);
    }
    rows_ = with_name(name(), [&] {
      GridMesh mesh = mesh_from_grid(grid, static_cast<int>(dim));
      for (const auto& [set, node] : mapping_["point_sets"].entries())
        mesh.data.point_sets[set] = point_set(node, about.rows());
      return mended_rows(std::move(mesh), grid.types.size());
    });
  }

  // Numbers of points, or 0 and 1 for all of them.
  std::vector<Index> point_set(const Config& node, std::int64_t points) const {
    const auto& about = array(node, node.text());
    const auto values = file_->read_integers(node.text());
    std::vector<Index> out;
    const bool is_mask = std::ssize(values) == points &&
                         std::all_of(values.begin(), values.end(), [](auto v) { return v == 0 || v == 1; });
    for (std::size_t i = 0; i < values.size(); ++i) {
      COTAN_REQUIRE(values[i] >= 0 && values[i] < points, node.where()
                                                              << ": point " << values[i] << " of " << points
                                                              << " in an array of shape " << shape_text(about));
      if (!is_mask) out.push_back(static_cast<Index>(values[i]));
      if (is_mask && values[i] == 1) out.push_back(static_cast<Index>(i));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  void read_times() {
    if (mapping_.has("times")) {
      const Config node = mapping_["times"];
      array(node, node.text());
      times_ = file_->read_doubles(node.text());
      COTAN_REQUIRE(!times_.empty(), node.where() << ": " << name() << ": no time");
    } else {
      const Config node = mapping_.at("dt");
      const double dt = node.number();
      COTAN_REQUIRE(dt > 0, node.where() << ": " << dt << " is out of range (time between frames [s]; above 0)");
      const auto& fields = mapping_.at("fields").entries();
      std::int64_t frames = 0;  // of the first field that has more dimensions than one of a single time
      for (const auto& [field, about] : fields) {
        const auto& one = array(about, from(field, about));
        if (one.columns() == 0) continue;  // rows of nothing may be any number
        if (frames == 0 && !one.shape.empty() && one.shape[0] != rows_.file_points && one.shape[0] != rows_.file_cells)
          frames = one.shape[0];
        if (frames == 0 && one.shape.size() == 3) frames = one.shape[0];
      }
      COTAN_REQUIRE(frames > 0, node.where() << ": no field says how many frames there are; name the array of `times`");
      for (std::int64_t k = 0; k < frames; ++k) times_.push_back(dt * static_cast<double>(k));
    }
    for (std::size_t k = 0; k < times_.size(); ++k) {
      COTAN_REQUIRE(std::isfinite(times_[k]) && (k == 0 || times_[k] > times_[k - 1]),
                    name() << ": time " << times_[k] << " of frame " << k << "; expected finite and increasing times");
    }
  }

  static std::string from(const std::string& field, const Config& node) {
    return node.has("from") ? node["from"].text() : field;
  }

  static std::optional<On> given_on(const Config& node) {
    if (!node.has("on")) return std::nullopt;
    const std::string word = node["on"].text();
    for (const On on : {On::points, On::cells, On::whole}) {
      if (to_string(on) == word) return on;
    }
    const std::vector<std::string> words = {"point", "cell", "global"};
    throw InputError(node["on"].where() + ": " + unknown_name("kind of field", word, words));
  }

  // (frames, rows), (frames, rows, components), or without frames; of the whole (frames) or (frames, components).
  void add_field(const std::string& field, const Config& node) {
    node.only_keys({"from", "on", "unit"});
    const std::string named = from(field, node);
    const auto& found = array(node, named);
    const auto& extents = found.shape;
    const auto frames = std::ssize(times_);
    const std::optional<On> on = given_on(node);
    for (const On kind : {On::points, On::cells, On::whole}) {
      if (on && *on != kind) continue;
      const std::int64_t rows = kind == On::points ? rows_.file_points : kind == On::cells ? rows_.file_cells : 1;
      const bool whole = kind == On::whole;
      const std::size_t rank = extents.size();
      const bool in_time =
          rank >= 1 && extents[0] == frames && (whole ? rank <= 2 : rank >= 2 && rank <= 3 && extents[1] == rows);
      const bool is_static = !in_time && !whole && rank >= 1 && rank <= 2 && extents[0] == rows;
      if (!in_time && !is_static) continue;
      const std::size_t last = (in_time ? 1u : 0u) + (whole ? 0u : 1u);
      const std::int64_t components = rank > last ? extents[last] : 1;
      if (components < 1 || components > 1'000'000) break;
      about_.push_back({{field, static_cast<int>(components), kind, node.has("unit") ? node["unit"].text() : ""},
                        *found.dtype,
                        is_static});
      sources_.push_back({named, rows});
      return;
    }
    throw InputError(node.where() + ": " + name() + ": array " + named + " has shape " + shape_text(found) +
                     ", expected (" + std::to_string(frames) + " frames, " + std::to_string(rows_.file_points) +
                     " points or " + std::to_string(rows_.file_cells) +
                     " cells, components), (frames, components) on: global, or without frames");
  }

  HostTensor read_frames(std::size_t f, std::size_t k0, std::size_t k1) const {
    const ArchiveField& field = about_[f];
    const Source& source = sources_[f];
    file_->check_window(source.array, field.is_static ? source.rows : static_cast<std::int64_t>(k1 - k0));
    HostTensor out = empty_frames(field.dtype, k1 - k0, source.rows, field.spec.components);
    if (!field.is_static) {
      file_->read_rows(source.array, static_cast<std::int64_t>(k0), static_cast<std::int64_t>(k1 - k0), field.dtype,
                       out.bytes.data());
    } else {
      file_->read_rows(source.array, 0, source.rows, field.dtype, out.bytes.data());
      const std::size_t frame = out.bytes.size() / (k1 - k0);
      for (std::size_t k = 1; k < k1 - k0; ++k)
        std::copy_n(out.bytes.begin(), frame, out.bytes.begin() + static_cast<std::ptrdiff_t>(k * frame));
    }
    return in_mesh_rows(std::move(out), rows_, field.spec.on);
  }

  Config mapping_;
  std::unique_ptr<ArrayFile> file_;
  MeshRows rows_;
  std::vector<double> times_;
  std::vector<ArchiveField> about_;
  std::vector<Source> sources_;  // aligned with about_
};

class MappedArchive : public Archive {
 public:
  explicit MappedArchive(Config mapping) : mapping_(std::move(mapping)) {
    mapping_.only_keys({"arrays", "points", "cells", "point_sets", "times", "dt", "fields"});
    const Config node = mapping_.at("arrays");
    const fs::path path = mapping_.file().parent_path() / node.text();
    files_ = is_pattern(path) ? matching_files(path) : std::vector<fs::path>{path};
    COTAN_REQUIRE(!files_.empty(), node.where() << ": " << path.string() << ": no file has such a name");
  }
  std::size_t size() const override { return files_.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override {
    return std::make_unique<MappedTrajectory>(mapping_, files_.at(index));
  }

 private:
  Config mapping_;
  std::vector<fs::path> files_;
};

}  // namespace

bool is_array_mapping(const fs::path& path) {
  const std::string extension = lower_extension(path);
  if (extension != ".yaml" && extension != ".yml") return false;
  try {
    const Config root = Config::parse_file(path);
    return root.has("arrays") || (root["archive"].kind() == Config::Kind::map && root["archive"].has("arrays"));
  } catch (const InputError&) {
    return false;  // what is wrong with it is said when it is read as a case
  }
}

std::unique_ptr<Archive> open_mapped_archive(const fs::path& path) {
  return std::make_unique<MappedArchive>(mapping_in(Config::parse_file(path)));
}

}  // namespace cotan
