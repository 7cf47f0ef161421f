#include "io/tfrecord_trajectory.h"

#include <algorithm>
#include <cstring>

#include "core/check.h"
#include "io/field_number.h"
#include "io/tfrecord_layout.h"
#include "io/with_name.h"

namespace cotan {
namespace {

/// The numbers of some rows of an array of whole numbers, in double words.
std::vector<std::int64_t> whole_numbers(const ByteSource& file, const FeatureFrames& feature, std::size_t k) {
  const ByteRange range = feature.range(k, k + 1);
  std::vector<std::byte> bytes(range.size);
  file.read(range.offset, bytes);
  std::vector<std::int64_t> out(bytes.size() / size_of(feature.about().dtype));
  if (feature.about().dtype == DType::i64) {
    std::memcpy(out.data(), bytes.data(), bytes.size());
  } else {
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::int32_t number;
      std::memcpy(&number, &bytes[i * sizeof number], sizeof number);
      out[i] = number;
    }
  }
  return out;
}

bool is_whole(DType dtype) {
  return dtype == DType::i32 || dtype == DType::i64;
}

CellType cell_type(std::int64_t columns, std::int64_t dim, const std::string& where) {
  if (columns == 2) return CellType::line;
  if (columns == 3) return CellType::triangle;
  COTAN_REQUIRE(columns == 4, where << ": feature 'cells' has " << columns
                                    << " columns, expected 2 (lines), 3 (triangles) or 4 (tetrahedra)");
  return dim == 3 ? CellType::tetra : CellType::quad;
}

class TfrecordTrajectory : public Trajectory {
 public:
  TfrecordTrajectory(ByteSource file, ByteRange record, const TfrecordMeta& meta, std::string name);

  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  Mesh mesh(std::size_t k) const override;
  bool has_static_mesh() const override { return static_points_ && static_cells_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override;
  std::vector<Role> roles() const override;

 private:
  const FeatureFrames& feature(const std::string& name) const;
  void find_mesh();
  void add_field(const FeatureFrames& feature);
  MeshData mesh_data(std::size_t k) const;
  std::vector<Index> cell_links(std::size_t k) const;
  std::vector<Index> rows_of_points(std::size_t k) const;
  void pick_points(HostTensor& tensor, std::size_t k) const;
  HostTensor read_frames(const ArchiveField& field, std::size_t k0, std::size_t k1) const;

  ByteSource file_;
  std::string name_;
  std::vector<double> times_;
  std::map<std::string, FeatureFrames> features_;
  const FeatureFrames *points_ = nullptr, *cells_ = nullptr;
  bool static_points_ = false, static_cells_ = false;
  std::vector<Index> kept_;  // what rows_of_points says of every frame, where cells are static
  bool kept_is_known_ = false;
  std::vector<ArchiveField> fields_;
};

TfrecordTrajectory::TfrecordTrajectory(ByteSource file, ByteRange record, const TfrecordMeta& meta, std::string name)
    : file_(std::move(file)), name_(std::move(name)) {
  COTAN_REQUIRE(std::uint64_t(meta.length) <= record.size,
                name_ << ": " << record.size << " bytes cannot hold " << meta.length << " frames (trajectory_length)");
  for (std::int64_t k = 0; k < meta.length; ++k) times_.push_back(meta.dt > 0 ? double(k) * meta.dt : double(k));
  const auto found = index_example(file_, record, name_);
  const auto is_length = [&](const std::string& feature) {
    return std::any_of(meta.features.begin(), meta.features.end(), [&](const auto& f) {
      return f.kind == TfrecordFeature::Kind::varlen && length_name(f.name) == feature;
    });
  };
  for (const auto& about : meta.features) {
    if (!is_length(about.name)) features_.emplace(about.name, FeatureFrames(file_, found, about, meta.length, name_));
  }
  find_mesh();
  for (const auto& about : meta.features) {
    if (is_length(about.name)) continue;
    const FeatureFrames& one = features_.at(about.name);
    if (&one != points_ && &one != cells_ && !(about.name == "node_type" && one.is_constant(file_))) add_field(one);
  }
  roles();  // refuses codes that there are not
}

const FeatureFrames& TfrecordTrajectory::feature(const std::string& name) const {
  const auto found = features_.find(name);
  if (found != features_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& entry : features_) names.push_back(entry.first);
  throw InputError(name_ + ": " + unknown_name("feature", name, names) + " (by meta.json)");
}

void TfrecordTrajectory::find_mesh() {
  cells_ = &feature("cells");
  points_ = &feature(features_.count("mesh_pos") ? "mesh_pos" : "world_pos");
  const TfrecordFeature& about = points_->about();
  const std::string where = name_ + ": feature '" + about.name + "'";
  COTAN_REQUIRE(about.components >= 1 && about.components <= 3,
                where << " has " << about.components << " components, expected coordinates in 1 to 3 dimensions");
  COTAN_REQUIRE(!is_whole(about.dtype), where << " has whole numbers, expected float32 or float64");
  COTAN_REQUIRE(is_whole(cells_->about().dtype), name_ << ": feature 'cells' has no whole numbers, expected int32");
  static_points_ = points_->is_constant(file_);
  static_cells_ = cells_->is_constant(file_) && points_->has_rows(points_->rows(0));
  mesh(0);  // refuses what is no mesh
  if (!static_cells_) return;
  kept_ = rows_of_points(0);
  kept_is_known_ = true;
}

// On what a feature stands, by its number of rows.
void TfrecordTrajectory::add_field(const FeatureFrames& one) {
  const TfrecordFeature& about = one.about();
  const bool at_points = one.has_rows_of(*points_), at_cells = one.has_rows_of(*cells_);
  COTAN_REQUIRE(at_points || at_cells || one.has_rows(1),
                name_ << ": feature '" << about.name << "' has " << one.rows(0) << " rows in each of " << times_.size()
                      << " frames, expected " << points_->rows(0) << " (points), " << cells_->rows(0)
                      << " (cells) or 1 (is trajectory_length in meta.json right?)");
  const On on = at_points ? On::points : at_cells ? On::cells : On::whole;
  fields_.push_back({{about.name, int(about.components), on, ""}, about.dtype, one.is_fixed()});
}

std::vector<Index> TfrecordTrajectory::cell_links(std::size_t k) const {
  const auto numbers = whole_numbers(file_, *cells_, k);
  const std::int64_t points = points_->rows(k), columns = cells_->about().components;
  std::vector<Index> links(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    COTAN_REQUIRE(numbers[i] >= 0 && numbers[i] < points,
                  name_ << ": frame " << k << ": cell " << std::int64_t(i) / columns << " names point " << numbers[i]
                        << ", there are " << points << " (from 0)");
    links[i] = Index(numbers[i]);
  }
  return links;
}

// Rows of the points that cells use, ascending; empty where they use all.
std::vector<Index> TfrecordTrajectory::rows_of_points(std::size_t k) const {
  if (kept_is_known_) return kept_;
  std::vector<char> used(std::size_t(points_->rows(k)), 0);
  for (const Index point : cell_links(k)) used[point] = 1;
  std::vector<Index> kept;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) kept.push_back(Index(i));
  }
  if (kept.size() == used.size()) kept.clear();
  return kept;
}

MeshData TfrecordTrajectory::mesh_data(std::size_t k) const {
  MeshData data;
  const TfrecordFeature& about = points_->about();
  data.dim = int(about.components);
  HostTensor coordinates{about.dtype, {}, {}};
  const ByteRange range = points_->range(k, k + 1);
  coordinates.bytes.resize(range.size);
  file_.read(range.offset, coordinates.bytes);
  data.points = as_doubles(coordinates);
  const auto columns = std::size_t(cells_->about().components);
  const std::vector<Index> links = cell_links(k);
  COTAN_REQUIRE(!links.empty(), name_ << ": frame " << k << " has no cells");
  for (std::size_t i = 0; i < links.size(); i += columns) data.cells.push_row(std::span(links).subspan(i, columns));
  data.types.assign(links.size() / columns, cell_type(std::int64_t(columns), about.components, name_));
  return data;
}

Mesh TfrecordTrajectory::mesh(std::size_t k) const {
  COTAN_REQUIRE(k < times_.size(), name_ << ": frame " << k << " of " << times_.size());
  MeshData data = mesh_data(k);
  return with_name(name_ + ": frame " + std::to_string(k), [&] {
    drop_unused_points(data);
    repair_orientation(data);
    return Mesh(std::move(data));
  });
}

// Rows of the points that the mesh has.
void TfrecordTrajectory::pick_points(HostTensor& tensor, std::size_t k) const {
  const std::vector<Index> kept = rows_of_points(k);
  const auto frames = std::size_t(tensor.shape[0]), rows = std::size_t(tensor.shape[1]);
  if (kept.empty()) return;
  const std::size_t width = tensor.bytes.size() / (frames * rows);
  std::size_t to = 0;
  for (std::size_t frame = 0; frame < frames; ++frame) {
    for (const Index row : kept) {  // ascending, so no row is overwritten before it is read
      std::memmove(&tensor.bytes[to], &tensor.bytes[(frame * rows + std::size_t(row)) * width], width);
      to += width;
    }
  }
  tensor.bytes.resize(to);
  tensor.shape[1] = std::ssize(kept);
}

// Frames on one mesh.
HostTensor TfrecordTrajectory::read_frames(const ArchiveField& field, std::size_t k0, std::size_t k1) const {
  const FeatureFrames& one = features_.at(field.spec.name);
  const ByteRange range = one.range(k0, k1);
  HostTensor out{field.dtype, {std::int64_t(k1 - k0), one.rows(k0), field.spec.components}, {}};
  out.bytes.resize(range.size * (field.is_static ? k1 - k0 : 1));
  file_.read(range.offset, std::span(out.bytes).first(range.size));
  for (std::size_t at = range.size; at < out.bytes.size(); at += range.size) {
    std::memcpy(&out.bytes[at], out.bytes.data(), range.size);
  }
  if (field.spec.on == On::points) pick_points(out, k0);
  return out;
}

HostTensor TfrecordTrajectory::read(const std::string& field, std::size_t k0, std::size_t k1) const {
  const ArchiveField& about = fields_[field_number(*this, field, k0, k1)];
  if (static_cells_) return read_frames(about, k0, k1);
  HostTensor out = read_frames(about, k0, k0 + 1);
  for (std::size_t k = k0 + 1; k < k1; ++k) {
    const HostTensor frame = read_frames(about, k, k + 1);
    COTAN_REQUIRE(frame.shape[1] == out.shape[1], name_ << ": field " << field << ": frame " << k << " has "
                                                        << frame.shape[1] << " rows, frame " << k0 << " "
                                                        << out.shape[1] << "; read such frames one by one");
    out.bytes.insert(out.bytes.end(), frame.bytes.begin(), frame.bytes.end());
  }
  out.shape[0] = std::int64_t(k1 - k0);
  return out;
}

std::vector<Role> TfrecordTrajectory::roles() const {
  const auto found = features_.find("node_type");
  if (found == features_.end()) return {};
  const FeatureFrames& types = found->second;
  const std::string where = name_ + ": feature 'node_type'";
  COTAN_REQUIRE(is_whole(types.about().dtype) && types.about().components == 1 && types.rows(0) == points_->rows(0),
                where << " has " << types.rows(0) << " rows of " << types.about().components << " "
                      << to_string(types.about().dtype) << ", expected " << points_->rows(0) << " (points) of 1 I32");
  const auto codes = whole_numbers(file_, types, 0);
  std::vector<Role> roles;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    COTAN_REQUIRE(codes[i] >= 0 && codes[i] < kNumRoles,
                  where << ": code " << codes[i] << " at point " << i << ", expected 0 to " << kNumRoles - 1);
    roles.push_back(static_cast<Role>(codes[i]));
  }
  const std::vector<Index> kept = rows_of_points(0);
  if (kept.empty()) return roles;
  for (std::size_t i = 0; i < kept.size(); ++i) roles[i] = roles[std::size_t(kept[i])];
  roles.resize(kept.size());
  return roles;
}

}  // namespace

std::unique_ptr<Trajectory> open_tfrecord_trajectory(const ByteSource& file, ByteRange record, const TfrecordMeta& meta,
                                                     const std::string& name) {
  return std::make_unique<TfrecordTrajectory>(file, record, meta, name);
}

}  // namespace cotan
