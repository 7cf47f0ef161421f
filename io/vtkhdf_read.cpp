#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <optional>

#include "core/check.h"
#include "core/files.h"
#include "io/field_number.h"
#include "io/numbered.h"
#include "io/vtkhdf.h"
#include "io/vtkhdf_layout.h"
#include "io/with_name.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

/// One transient file, or several files of a step each.
class VtkHdfTrajectory : public Trajectory {
 public:
  explicit VtkHdfTrajectory(std::vector<VtkHdfLayout> files) : files_(std::move(files)) {
    name_ = files_.front().path.string();
    for (std::size_t f = 0; f < files_.size(); ++f) {
      for (std::size_t s = 0; s < files_[f].times.size(); ++s) frames_.push_back({f, s});
    }
    set_times();
    for (const auto& field : files_.front().fields) {
      fields_.push_back(field.about);
      fields_.back().is_static = files_.size() == 1 && field.about.is_static && frames_.size() > 1;
    }
  }

  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  bool has_static_mesh() const override { return files_.size() == 1 && files_.front().is_static; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  std::vector<Role> roles() const override { return files_.front().roles; }
  PrescribedMasks prescribed() const override { return files_.front().prescribed; }
  std::map<std::string, double> parameters() const override { return files_.front().parameters; }

  Mesh mesh(std::size_t k) const override {
    const auto grid = grid_at(k);
    // Only the first frame must be sound: a mesh that moves may tangle on its way.
    return with_name(file(k).path.string(),
                     [&] { return Mesh(grid->mesh.data, MeshChecks{k == 0 || has_static_mesh()}); });
  }

  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override;

 private:
  struct Frame {
    std::size_t file, step;
  };
  struct Grid {
    VtkGrid raw;
    GridMesh mesh;                  // mended
    std::vector<Index> point_rows;  // (mesh points): the file's row of each
    bool all_rows;                  // the file's rows are the mesh's
  };

  const VtkHdfLayout& file(std::size_t k) const { return files_[frames_.at(k).file]; }

  void set_times();
  int moving_dim() const;
  std::shared_ptr<const Grid> load_grid(std::size_t k, const Grid* first) const;
  std::shared_ptr<const Grid> grid_at(std::size_t k) const;
  HostTensor read_together(const std::string& name, std::size_t k, std::size_t limit) const;

  std::vector<VtkHdfLayout> files_;
  std::string name_;
  std::vector<Frame> frames_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_;
  mutable std::mutex mutex_;                          // guards what follows
  mutable std::shared_ptr<const Grid> first_, last_;  // of frame 0 and of the latest other one
  mutable std::size_t last_frame_ = 0;
};

// Files of one step that carry no time are numbered.
void VtkHdfTrajectory::set_times() {
  for (const auto& layout : files_) times_.insert(times_.end(), layout.times.begin(), layout.times.end());
  const bool numbered = files_.size() > 1 && std::all_of(times_.begin(), times_.end(), [](double t) { return t == 0; });
  for (std::size_t k = 0; k < times_.size(); ++k) {
    if (numbered) times_[k] = static_cast<double>(k);
    COTAN_REQUIRE(std::isfinite(times_[k]), file(k).path.string()
                                                << ": time " << times_[k] << ", expected a finite one");
    COTAN_REQUIRE(k == 0 || times_[k] > times_[k - 1], file(k).path.string()
                                                           << ": time " << times_[k] << " follows " << times_[k - 1]
                                                           << "; expected increasing times");
  }
}

// A sheet that starts flat and bends is three-dimensional: asks all frames.
int VtkHdfTrajectory::moving_dim() const {
  std::optional<std::array<double, 3>> first;
  std::array<bool, 3> flat = {true, true, true};
  for (const auto& [f, step] : frames_) {
    const auto points = read_points(files_[f], step);
    if (!first && points.size() >= 3) first = {points[0], points[1], points[2]};
    for (std::size_t i = 0; i < points.size(); ++i) flat[i % 3] = flat[i % 3] && points[i] == (*first)[i % 3];
    if (!flat[2]) return 3;
  }
  return flat[1] ? 1 : 2;
}

std::shared_ptr<const VtkHdfTrajectory::Grid> VtkHdfTrajectory::load_grid(std::size_t k, const Grid* first) const {
  return with_name(file(k).path.string(), [&] {
    auto grid = std::make_shared<Grid>();
    const VtkHdfLayout& layout = file(k);
    grid->raw = read_grid(layout, frames_[k].step);
    std::optional<int> dim = layout.dim;
    if (first) {
      dim = first->mesh.data.dim;
    } else if (!dim && !has_static_mesh()) {
      dim = moving_dim();
    }
    if (first && grid->raw.types == first->raw.types && grid->raw.offsets == first->raw.offsets &&
        grid->raw.connectivity == first->raw.connectivity && grid->raw.points.size() == first->raw.points.size()) {
      grid->mesh = first->mesh;  // the same cells and sets at other places
      grid->point_rows = first->point_rows;
      grid->mesh.data.points.clear();
      for (const Index row : first->point_rows) {
        const auto x = grid->raw.points.begin() + 3 * std::ptrdiff_t(row);
        grid->mesh.data.points.insert(grid->mesh.data.points.end(), x, x + *dim);
      }
    } else {
      grid->mesh = mesh_from_grid(grid->raw, dim);
      read_sets(layout.path, grid->mesh.data);
      grid->point_rows = drop_unused_points(grid->mesh.data);
      repair_orientation(grid->mesh.data);
    }
    grid->all_rows = std::ssize(grid->point_rows) == layout.steps[frames_[k].step].points &&
                     std::ssize(grid->mesh.cell_rows) == layout.steps[frames_[k].step].cells;
    return std::shared_ptr<const Grid>(std::move(grid));
  });
}

std::shared_ptr<const VtkHdfTrajectory::Grid> VtkHdfTrajectory::grid_at(std::size_t k) const {
  const std::lock_guard lock(mutex_);
  if (!first_) first_ = load_grid(0, nullptr);
  if (k == 0 || has_static_mesh()) return first_;
  if (!last_ || last_frame_ != k) {
    last_ = load_grid(k, first_.get());
    last_frame_ = k;
  }
  return last_;
}

const VtkHdfLayout::Field& find_field(const VtkHdfLayout& layout, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& field : layout.fields) {
    if (field.about.spec.name == name) return field;
    names.push_back(field.about.spec.name);
  }
  throw InputError(layout.path.string() + ": " + unknown_name("field", name, names));
}

// Some rows of each frame, frame after frame.
std::vector<std::byte> pick_of_frames(std::span<const std::byte> frames, std::size_t frame_bytes,
                                      const std::vector<Index>& rows, std::size_t row_bytes) {
  std::vector<std::byte> kept;
  for (std::size_t at = 0; at < frames.size(); at += frame_bytes) {
    const auto part = pick_rows(frames.subspan(at, frame_bytes), rows, row_bytes);
    kept.insert(kept.end(), part.begin(), part.end());
  }
  return kept;
}

// As many frames from k on as lie in one file on one mesh.
HostTensor VtkHdfTrajectory::read_together(const std::string& name, std::size_t k, std::size_t limit) const {
  const VtkHdfLayout& layout = file(k);
  const VtkHdfLayout::Field& field = find_field(layout, name);
  const FieldSpec& spec = field.about.spec;
  const bool any_mesh = spec.on == On::whole || layout.is_static;
  std::size_t end = k + 1;
  while (end < limit && frames_[end].file == frames_[k].file && any_mesh) ++end;
  const std::size_t step = frames_[k].step;
  HostTensor out{field.about.dtype, {static_cast<std::int64_t>(end - k), 1, spec.components}, {}};
  out.bytes = read_frames(layout, field, step, step + (end - k));
  if (spec.on == On::whole) return out;
  out.shape[1] = layout.rows(field, step);
  const auto grid = grid_at(k);
  if (grid->all_rows) return out;
  const auto& rows = spec.on == On::points ? grid->point_rows : grid->mesh.cell_rows;
  const std::size_t row_bytes = spec.components * size_of(out.dtype);
  out.bytes = pick_of_frames(out.bytes, out.shape[1] * row_bytes, rows, row_bytes);
  out.shape[1] = std::ssize(rows);
  return out;
}

HostTensor VtkHdfTrajectory::read(const std::string& field, std::size_t k0, std::size_t k1) const {
  field_number(*this, field, k0, k1);
  HostTensor out = read_together(field, k0, k1);
  while (out.shape[0] < std::int64_t(k1 - k0)) {
    const std::size_t k = k0 + out.shape[0];
    const HostTensor more = read_together(field, k, k1);
    COTAN_REQUIRE(more.dtype == out.dtype && more.shape[1] == out.shape[1] && more.shape[2] == out.shape[2],
                  file(k).path.string() << ": field " << field << ": frame " << k
                                        << " has another mesh, shape or type than frame " << k0
                                        << "; read such frames one by one");
    out.bytes.insert(out.bytes.end(), more.bytes.begin(), more.bytes.end());
    out.shape[0] += more.shape[0];
  }
  return out;
}

class VtkHdfArchive : public Archive {
 public:
  explicit VtkHdfArchive(std::vector<std::vector<fs::path>> groups) : groups_(std::move(groups)) {}
  std::size_t size() const override { return groups_.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override {
    std::vector<VtkHdfLayout> files;
    for (const auto& file : groups_.at(index)) files.push_back(read_layout(file));
    return std::make_unique<VtkHdfTrajectory>(std::move(files));
  }

 private:
  std::vector<std::vector<fs::path>> groups_;  // the files of each trajectory
};

}  // namespace

std::unique_ptr<Trajectory> open_vtkhdf(const fs::path& file) {
  std::vector<VtkHdfLayout> files;
  files.push_back(read_layout(file));
  return std::make_unique<VtkHdfTrajectory>(std::move(files));
}

Snapshot read_vtkhdf(const fs::path& path, std::vector<std::string>* notes) {
  const auto trajectory = open_vtkhdf(path);
  std::vector<HostField> fields;
  for (const auto& field : trajectory->fields())
    fields.push_back({field.spec, as_doubles(trajectory->read(field.spec.name, 0, 1))});
  if (trajectory->times().size() > 1 && notes)
    notes->push_back(std::to_string(trajectory->times().size()) + " time steps; fields are those of the first");
  return {trajectory->mesh(0), std::move(fields), trajectory->times().front()};
}

bool is_static_vtkhdf(const fs::path& path) {
  try {
    const auto lock = h5::hold();
    const h5::File file = h5::open_file(path);
    return h5::has(file, "VTKHDF") && !h5::has(file, "VTKHDF/Steps");
  } catch (const InputError&) {
    return false;
  }
}

std::unique_ptr<Archive> open_vtkhdf_archive(const fs::path& path) {
  if (!is_pattern(path)) require_readable(path);
  if (!is_pattern(path) && !fs::is_directory(path))
    return std::make_unique<VtkHdfArchive>(std::vector<std::vector<fs::path>>{{path}});
  std::vector<fs::path> files;
  for (const auto& file : matching_files(path)) {
    const auto extension = lower_extension(file);
    if (extension == ".vtkhdf" || extension == ".hdf") files.push_back(file);
  }
  COTAN_REQUIRE(!files.empty(), path.string() << ": no VTKHDF file has such a name");
  std::vector<std::vector<fs::path>> transient;
  for (const auto& file : files) {
    if (read_layout(file).transient) transient.push_back({file});
  }
  if (transient.empty()) return std::make_unique<VtkHdfArchive>(std::vector<std::vector<fs::path>>{files});
  COTAN_REQUIRE(transient.size() == files.size(),
                path.string() << ": " << transient.size() << " of " << files.size()
                              << " VTKHDF files have time steps and the others none; expected one kind in a folder");
  return std::make_unique<VtkHdfArchive>(std::move(transient));
}

}  // namespace cotan
