#include "io/pvd.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "core/check.h"
#include "core/files.h"
#include "io/vtk.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

/// One .pvd, its frames in memory one at a time.
class Collection {
 public:
  explicit Collection(fs::path path) : path_(std::move(path)), entries_(read_pvd(path_)) {
    COTAN_REQUIRE(!entries_.empty(), path_.string() << ": the collection lists no file");
    for (std::size_t k = 0; k < entries_.size(); ++k) check_entry(k);
  }

  const fs::path& path() const { return path_; }
  const std::vector<PvdEntry>& entries() const { return entries_; }

  std::shared_ptr<const Snapshot> snapshot(std::size_t k) {
    const std::lock_guard lock(mutex_);
    if (!latest_ || latest_file_ != entries_[k].file) {  // entries may repeat a file
      latest_ = std::make_shared<const Snapshot>(read_vtu(entries_[k].file));
      latest_file_ = entries_[k].file;
    }
    return latest_;
  }

 private:
  void check_entry(std::size_t k) const {
    const PvdEntry& entry = entries_[k];
    COTAN_REQUIRE(entry.part == 0, path_.string() << ": entry " << k << " is part " << entry.part
                                                  << "; collections of one part can be read");
    std::error_code error;
    COTAN_REQUIRE(fs::is_regular_file(entry.file, error), path_.string() << ": entry " << k << " (time " << entry.time
                                                                         << ") names " << entry.file.string()
                                                                         << ", which does not exist");
    COTAN_REQUIRE(lower_extension(entry.file) == ".vtu",
                  path_.string() << ": entry " << k << " names " << entry.file.string() << "; .vtu files can be read");
    COTAN_REQUIRE(k == 0 || entry.time > entries_[k - 1].time,
                  path_.string() << ": time " << entry.time << " of entry " << k << " follows " << entries_[k - 1].time
                                 << "; expected increasing times");
  }

  fs::path path_;
  std::vector<PvdEntry> entries_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Snapshot> latest_;
  fs::path latest_file_;
};

bool same_cells(const Mesh& a, const Mesh& b) {
  return std::equal(a.types().begin(), a.types().end(), b.types().begin(), b.types().end()) &&
         a.cells().offsets == b.cells().offsets && a.cells().links == b.cells().links;
}

bool same_points(const Mesh& a, const Mesh& b) {
  return a.dim() == b.dim() && std::equal(a.points().begin(), a.points().end(), b.points().begin(), b.points().end());
}

bool same_mesh(const Snapshot& a, const Snapshot& b) {
  return same_cells(a.mesh, b.mesh) && same_points(a.mesh, b.mesh);
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

const HostField* find_field(const Snapshot& snapshot, const std::string& name) {
  const auto found = std::find_if(snapshot.fields.begin(), snapshot.fields.end(),
                                  [&](const auto& field) { return field.spec.name == name; });
  return found == snapshot.fields.end() ? nullptr : &*found;
}

std::int64_t rows_of(const Mesh& mesh, On on) {
  return on == On::points ? mesh.num_points() : on == On::cells ? mesh.num_cells() : 1;
}

/// Collections side by side, joined by time.
class PvdTrajectory : public Trajectory {
 public:
  explicit PvdTrajectory(std::vector<std::shared_ptr<Collection>> collections)
      : collections_(std::move(collections)), name_(collections_.front()->path().string()) {
    for (const auto& entry : collections_.front()->entries()) times_.push_back(entry.time);
    first_ = collections_.front()->snapshot(0);
    for (std::size_t c = 0; c < collections_.size(); ++c) {
      check_times(*collections_[c]);
      const auto snapshot = collections_[c]->snapshot(0);
      COTAN_REQUIRE(same_mesh(*first_, *snapshot), collections_[c]->path().string()
                                                       << ": its mesh is not that of " << name_);
      add_fields(c, *snapshot);
    }
    // What moves and comes back does so between: a mesh that moves at other frames alone is refused when they are read.
    const std::size_t n = times_.size();
    for (const std::size_t k : {n > 1 ? std::size_t{1} : 0, n / 2, n - 1}) {
      const auto other = collections_.front()->snapshot(k);
      static_mesh_ = static_mesh_ && same_mesh(*first_, *other);
      dim_ = std::max({dim_, first_->mesh.dim(), other->mesh.dim()});
    }
  }

  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  Mesh mesh(std::size_t k) const override {
    return raised(collections_.front()->snapshot(static_mesh_ ? 0 : k)->mesh, dim_);
  }
  bool has_static_mesh() const override { return static_mesh_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override;

 private:
  // A field's rows are those of the mesh that mesh(k) gives.
  void require_mesh(const fs::path& file, std::size_t k, const Snapshot& found) const {
    const auto expected = static_mesh_ ? first_ : collections_.front()->snapshot(k);
    const fs::path& other = collections_.front()->entries()[static_mesh_ ? 0 : k].file;
    COTAN_REQUIRE(same_mesh(*expected, found),
                  file.string() << ": its mesh is not that of " << other.string()
                                << (static_mesh_ ? ", as those of the second, middle and last times are" : ""));
  }

  void check_times(const Collection& collection) const {
    const auto& entries = collection.entries();
    COTAN_REQUIRE(entries.size() == times_.size(), collection.path().string()
                                                       << ": " << entries.size() << " times, but " << name_ << " has "
                                                       << times_.size());
    for (std::size_t k = 0; k < times_.size(); ++k) {
      COTAN_REQUIRE(std::abs(entries[k].time - times_[k]) <= 1e-9 * std::max(1.0, std::abs(times_[k])),
                    collection.path().string() << ": time " << entries[k].time << " of entry " << k << ", but " << name_
                                               << " has " << times_[k]);
    }
  }

  void add_fields(std::size_t c, const Snapshot& snapshot) {
    for (const auto& field : snapshot.fields) {
      for (std::size_t f = 0; f < fields_.size(); ++f) {
        if (fields_[f].spec.name != field.spec.name) continue;
        const std::string where =
            collection_of_[f] != c ? "in another of the collections, too" : "on points and on cells; rename one";
        throw InputError(collections_[c]->path().string() + ": field " + field.spec.name + " stands " + where);
      }
      fields_.push_back({field.spec, DType::f64, false});
      collection_of_.push_back(c);
    }
  }

  std::vector<std::shared_ptr<Collection>> collections_;
  std::string name_;
  std::vector<double> times_;
  std::vector<ArchiveField> fields_;
  std::vector<std::size_t> collection_of_;  // aligned with fields_
  std::shared_ptr<const Snapshot> first_;   // of the first collection
  bool static_mesh_ = true;
  int dim_ = 1;  // of all frames: a sheet that starts flat and bends is three-dimensional
};

HostTensor PvdTrajectory::read(const std::string& name, std::size_t k0, std::size_t k1) const {
  COTAN_REQUIRE(k0 < k1 && k1 <= times_.size(), name_ << ": frames " << k0 << " to " << k1 << " of " << times_.size());
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const auto& f) { return f.spec.name == name; });
  if (found == fields_.end()) {
    std::vector<std::string> names;
    for (const auto& field : fields_) names.push_back(field.spec.name);
    throw InputError(name_ + ": " + unknown_name("field", name, names));
  }
  Collection& collection = *collections_[collection_of_[found - fields_.begin()]];
  const FieldSpec& spec = found->spec;
  const std::shared_ptr<const Snapshot> first = collection.snapshot(k0);
  const std::int64_t rows = rows_of(first->mesh, spec.on);
  HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), rows, spec.components}, {}};
  for (std::size_t k = k0; k < k1; ++k) {
    const auto snapshot = collection.snapshot(k);
    const std::string file = collection.entries()[k].file.string();
    const HostField* field = find_field(*snapshot, name);
    COTAN_REQUIRE(field && field->spec.on == spec.on && field->spec.components == spec.components,
                  file << ": field " << name << " is absent or has another shape than in the files before");
    require_mesh(file, k, *snapshot);
    COTAN_REQUIRE(rows_of(snapshot->mesh, spec.on) == rows,
                  file << ": has another mesh than " << collection.entries()[k0].file.string());
    const auto bytes = std::as_bytes(std::span(field->values));
    out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
  }
  return out;
}

class PvdArchive : public Archive {
 public:
  explicit PvdArchive(std::vector<fs::path> paths) : paths_(std::move(paths)) {}
  std::size_t size() const override { return 1; }
  std::unique_ptr<Trajectory> open(std::size_t) const override {
    std::vector<std::shared_ptr<Collection>> collections;
    for (const auto& path : paths_) collections.push_back(std::make_shared<Collection>(path));
    return std::make_unique<PvdTrajectory>(std::move(collections));
  }

 private:
  std::vector<fs::path> paths_;
};

}  // namespace

std::unique_ptr<Archive> open_pvd_archive(const fs::path& path, std::span<const fs::path> beside) {
  std::vector<fs::path> paths = {path};
  for (const auto& other : beside) {
    require_readable(other);
    paths.push_back(other);
  }
  return std::make_unique<PvdArchive>(std::move(paths));
}

}  // namespace cotan
