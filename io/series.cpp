#include "io/series.h"

#include <cmath>
#include <mutex>

#include "core/check.h"
#include "io/field_number.h"
#include "io/same_mesh.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

/// One series, its frames in memory one at a time.
class SeriesFiles {
 public:
  explicit SeriesFiles(Series series) : series_(std::move(series)) {
    COTAN_REQUIRE(!series_.frames.empty(), series_.name << ": lists no file");
    for (std::size_t k = 0; k < series_.frames.size(); ++k) check_frame(k);
  }

  const std::string& name() const { return series_.name; }
  const std::vector<Series::Frame>& frames() const { return series_.frames; }

  std::shared_ptr<const Snapshot> snapshot(std::size_t k) {
    const std::lock_guard lock(mutex_);
    const Series::Frame& frame = frames()[k];
    if (!latest_ || !latest_frame_.same_files(frame)) {  // frames may repeat a file
      latest_ = std::make_shared<const Snapshot>(read(frame));
      latest_frame_ = frame;
    }
    return latest_;
  }

 private:
  static std::vector<fs::path> files_of(const Series::Frame& frame) {
    std::vector<fs::path> files = {frame.file};
    files.insert(files.end(), frame.parts.begin(), frame.parts.end());
    return files;
  }

  Snapshot read(const Series::Frame& frame) const {
    return frame.parts.empty() ? series_.read(frame.file) : series_.read_parts(files_of(frame));
  }

  void check_frame(std::size_t k) const {
    const Series::Frame& frame = frames()[k];
    for (const fs::path& file : files_of(frame)) {
      std::error_code error;
      COTAN_REQUIRE(fs::is_regular_file(file, error), name() << ": entry " << k << " (time " << frame.time << ") names "
                                                             << file.string() << ", which does not exist");
    }
    COTAN_REQUIRE(std::isfinite(frame.time),
                  name() << ": time " << frame.time << " of entry " << k << "; expected a finite one");
    COTAN_REQUIRE(k == 0 || frame.time > frames()[k - 1].time, name() << ": time " << frame.time << " of entry " << k
                                                                      << " follows " << frames()[k - 1].time
                                                                      << "; expected increasing times");
  }

  Series series_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Snapshot> latest_;
  Series::Frame latest_frame_;
};

const HostField* find_field(const Snapshot& snapshot, const std::string& name) {
  const auto found = std::find_if(snapshot.fields.begin(), snapshot.fields.end(),
                                  [&](const auto& field) { return field.spec.name == name; });
  return found == snapshot.fields.end() ? nullptr : &*found;
}

/// Series side by side, joined by time.
class SeriesTrajectory : public Trajectory {
 public:
  explicit SeriesTrajectory(std::vector<std::shared_ptr<SeriesFiles>> series)
      : series_(std::move(series)), name_(series_.front()->name()) {
    for (const auto& frame : series_.front()->frames()) times_.push_back(frame.time);
    first_ = series_.front()->snapshot(0);
    for (std::size_t s = 0; s < series_.size(); ++s) {
      check_times(*series_[s]);
      const auto snapshot = series_[s]->snapshot(0);
      COTAN_REQUIRE(same_mesh(first_->mesh, snapshot->mesh), series_[s]->name()
                                                                 << ": its mesh is not that of " << name_);
      add_fields(s, *snapshot);
    }
    // What moves and comes back does so between: a mesh that moves at other frames alone is refused when they are read.
    const std::size_t n = times_.size();
    for (const std::size_t k : {n > 1 ? std::size_t{1} : 0, n / 2, n - 1}) {
      const auto other = series_.front()->snapshot(k);
      static_mesh_ = static_mesh_ && same_mesh(first_->mesh, other->mesh);
      dim_ = std::max({dim_, first_->mesh.dim(), other->mesh.dim()});
    }
  }

  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  Mesh mesh(std::size_t k) const override {
    return raised(series_.front()->snapshot(static_mesh_ ? 0 : k)->mesh, dim_);
  }
  bool has_static_mesh() const override { return static_mesh_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override;

 private:
  // A field's rows are those of the mesh that mesh(k) gives.
  void require_mesh(const fs::path& file, std::size_t k, const Snapshot& found) const {
    const auto expected = static_mesh_ ? first_ : series_.front()->snapshot(k);
    const fs::path& other = series_.front()->frames()[static_mesh_ ? 0 : k].file;
    COTAN_REQUIRE(same_mesh(expected->mesh, found.mesh),
                  file.string() << ": its mesh is not that of " << other.string()
                                << (static_mesh_ ? ", as those of the second, middle and last times are" : ""));
  }

  void check_times(const SeriesFiles& series) const {
    const auto& frames = series.frames();
    COTAN_REQUIRE(frames.size() == times_.size(),
                  series.name() << ": " << frames.size() << " times, but " << name_ << " has " << times_.size());
    for (std::size_t k = 0; k < times_.size(); ++k) {
      COTAN_REQUIRE(std::abs(frames[k].time - times_[k]) <= 1e-9 * std::max(1.0, std::abs(times_[k])),
                    series.name() << ": time " << frames[k].time << " of entry " << k << ", but " << name_ << " has "
                                  << times_[k]);
    }
  }

  void add_fields(std::size_t s, const Snapshot& snapshot) {
    for (const auto& field : snapshot.fields) {
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        if (fields_[f].spec.name != field.spec.name) continue;
        const std::string where =
            series_of_[f] != s ? "in another of the collections, too" : "on points and on cells; rename one";
        throw InputError(series_[s]->name() + ": field " + field.spec.name + " stands " + where);
      }
      fields_.push_back({field.spec, DType::f64, false});
      series_of_.push_back(s);
    }
  }

  std::vector<std::shared_ptr<SeriesFiles>> series_;
  std::string name_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_;
  std::vector<std::size_t> series_of_;     // aligned with fields_
  std::shared_ptr<const Snapshot> first_;  // of the first series
  bool static_mesh_ = true;
  int dim_ = 1;  // of all frames: a sheet that starts flat and bends is three-dimensional
};

HostTensor SeriesTrajectory::read(const std::string& name, std::size_t k0, std::size_t k1) const {
  const std::size_t number = field_number(*this, name, k0, k1);
  SeriesFiles& series = *series_[series_of_[number]];
  const FieldSpec& spec = fields_[number].spec;
  const std::shared_ptr<const Snapshot> first = series.snapshot(k0);
  const std::int64_t rows = rows_of(first->mesh, spec.on);
  HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), rows, spec.components}, {}};
  for (std::size_t k = k0; k < k1; ++k) {
    const auto snapshot = series.snapshot(k);
    const std::string file = series.frames()[k].file.string();
    const HostField* field = find_field(*snapshot, name);
    COTAN_REQUIRE(field && field->spec.on == spec.on && field->spec.components == spec.components,
                  file << ": field " << name << " is absent or has another shape than in the files before");
    require_mesh(file, k, *snapshot);
    COTAN_REQUIRE(rows_of(snapshot->mesh, spec.on) == rows,
                  file << ": has another mesh than " << series.frames()[k0].file.string());
    const auto bytes = std::as_bytes(std::span(field->values));
    out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
  }
  return out;
}

class SingleTrajectory : public Archive {
 public:
  explicit SingleTrajectory(std::function<std::unique_ptr<Trajectory>()> open) : open_(std::move(open)) {}
  std::size_t size() const override { return 1; }
  std::unique_ptr<Trajectory> open(std::size_t) const override { return open_(); }

 private:
  std::function<std::unique_ptr<Trajectory>()> open_;
};

}  // namespace

std::unique_ptr<Trajectory> open_series(std::vector<Series> side_by_side) {
  std::vector<std::shared_ptr<SeriesFiles>> files;
  for (auto& series : side_by_side) files.push_back(std::make_shared<SeriesFiles>(std::move(series)));
  return std::make_unique<SeriesTrajectory>(std::move(files));
}

std::unique_ptr<Archive> single_trajectory(std::function<std::unique_ptr<Trajectory>()> open) {
  return std::make_unique<SingleTrajectory>(std::move(open));
}

Mesh raised(const Mesh& mesh, int dim) {
  if (mesh.dim() >= dim) return mesh;
  MeshData data = mesh.data();
  data.dim = dim;
  data.points.assign(std::size_t(mesh.num_points()) * std::size_t(dim), 0);
  for (Index i = 0; i < mesh.num_points(); ++i) {
    std::copy(mesh.point(i).begin(), mesh.point(i).end(), data.points.begin() + std::ptrdiff_t(i) * dim);
  }
  return Mesh(std::move(data));
}

}  // namespace cotan
