#include "io/foam.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "core/check.h"
#include "io/field_number.h"
#include "io/foam_case.h"
#include "io/series.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

/// The folders that a time's mesh is in: points may move apart from the faces.
struct Instance {
  fs::path topology, points;
  bool operator==(const Instance&) const = default;
};

FoamMesh read_mesh_of(const Instance& instance, bool in_plane) {
  const fs::path folder = instance.topology / "polyMesh";
  try {
    const PolyMesh mesh = read_poly_mesh(foam_folder(folder), foam_folder(instance.points / "polyMesh"));
    return in_plane ? plane_of(mesh) : cells_of(mesh);
  } catch (const InputError& error) {
    const std::string what = error.what();  // what concerns no one file knows none
    const bool named = what.find("polyMesh/") != what.npos;
    throw InputError(named ? what : folder.string() + ": " + what);
  }
}

/// A time that has fields.
struct Frame {
  double time;
  fs::path folder;
  Instance instance;
  std::vector<std::string> names;  // of files that may be fields, sorted
};

/// The fields of a case by name, and what is said of others.
struct FoundFields {
  std::map<std::string, FoamClass> fields;
  std::set<std::string> others;
};

// A name is what the first readable file of that name is.
FoundFields find_fields(const std::vector<Frame>& frames) {
  FoundFields found;
  std::set<std::string> known;
  for (const Frame& frame : frames) {
    for (const std::string& name : frame.names) {
      if (known.count(name)) continue;
      try {
        const FoamFile file = FoamFile::open(foam_path(frame.folder, name));
        known.insert(name);
        const auto about = foam_class(file.class_name());
        about ? void(found.fields.emplace(name, *about)) : void(found.others.insert(name));
      } catch (const InputError&) {
      }  // another time's file of that name may say what it is; else it is none of OpenFOAM's
    }
  }
  return found;
}

bool has_fields(const std::vector<Frame>& frames) {
  return std::any_of(frames.begin(), frames.end(), [](const Frame& f) { return !find_fields({f}).fields.empty(); });
}

std::vector<Frame> frames_of(const FoamCase& found) {
  std::vector<Frame> frames;
  Instance instance{found.constant, found.constant};
  for (const FoamCase::Time& time : found.times) {
    if (!foam_path(time.folder / "polyMesh", "faces").empty()) instance.topology = time.folder;
    if (!foam_path(time.folder / "polyMesh", "points").empty()) instance.points = time.folder;
    frames.push_back({time.value, time.folder, instance, foam_field_names(time.folder)});
  }
  return frames;
}

class FoamTrajectory : public Trajectory {
 public:
  FoamTrajectory(const FoamCase& found, bool in_plane) : name_(found.path.string()), in_plane_(in_plane) {
    frames_ = frames_of(found);
    FoundFields fields = find_fields(frames_);
    std::erase_if(frames_, [&](const Frame& frame) {
      return std::none_of(frame.names.begin(), frame.names.end(), [&](auto& n) { return fields.fields.count(n) > 0; });
    });
    COTAN_REQUIRE(!frames_.empty(), name_ << ": no time folder with fields on cells or points");
    for (const Frame& frame : frames_) times_.push_back(frame.time);
    keep_common(fields);
    mesh_ = std::make_shared<const FoamMesh>(read_mesh_of(frames_[0].instance, in_plane));
    mesh_instance_ = frames_[0].instance;
    notes_.insert(notes_.begin(), mesh_->notes.begin(), mesh_->notes.end());
    for (const auto& [field, about] : fields_of_case_) {
      const FoamField first = read_field(field, about, 0, *mesh_);
      fields_.push_back({{field, foam_components(about.kind, in_plane), about.on, first.unit}, DType::f64, false});
    }
  }

  const std::string& name() const override { return name_; }
  const std::vector<double>& times() const override { return times_; }
  const std::vector<ArchiveField>& fields() const override { return fields_; }
  std::vector<std::string> notes() const override { return notes_; }
  bool has_static_mesh() const override {
    return std::all_of(frames_.begin(), frames_.end(), [&](auto& f) { return f.instance == frames_[0].instance; });
  }
  Mesh mesh(std::size_t k) const override {
    try {
      return Mesh(mesh_at(k, true)->data);
    } catch (const InputError& error) {
      const std::string what = error.what();
      throw InputError(what.find("polyMesh") != what.npos ? what : name_ + ": " + what);
    }
  }

  HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const override {
    field_number(*this, field, k0, k1);
    const FoamClass about = fields_of_case_.at(field);
    const std::int64_t components = foam_components(about.kind, in_plane_);
    HostTensor out{DType::f64, {static_cast<std::int64_t>(k1 - k0), 0, components}, {}};
    for (std::size_t k = k0; k < k1; ++k) {
      const auto mesh = mesh_at(k, false);
      const auto values = in_foam_rows(*mesh, about.on, about.kind, read_field(field, about, k, *mesh).values);
      const std::int64_t rows = std::ssize(values) / components;
      COTAN_REQUIRE(k == k0 || rows == out.shape[1], frames_[k].folder.string()
                                                         << ": has another mesh than " << frames_[k0].folder.string());
      out.shape[1] = rows;
      const auto bytes = std::as_bytes(std::span(values));
      out.bytes.insert(out.bytes.end(), bytes.begin(), bytes.end());
    }
    return out;
  }

 private:
  // Fields that a time lacks are left out, and it is said.
  void keep_common(const FoundFields& found) {
    for (const auto& [field, about] : found.fields) {
      const auto lacks = [&field = field](const Frame& frame) {
        return !std::binary_search(frame.names.begin(), frame.names.end(), field);
      };
      const auto count = std::count_if(frames_.begin(), frames_.end(), lacks);
      if (count == 0) {
        fields_of_case_.emplace(field, about);
        continue;
      }
      const Frame& first = *std::find_if(frames_.begin(), frames_.end(), lacks);
      notes_.push_back("field " + field + " left out: " + std::to_string(count) + " of " +
                       std::to_string(frames_.size()) + " times lack it, the first of them " +
                       first.folder.filename().string());
    }
    if (found.others.empty()) return;
    const std::vector<std::string> names(found.others.begin(), found.others.end());
    notes_.push_back("files that are no fields on cells or points left out: " + join(names));
  }

  FoamField read_field(const std::string& field, FoamClass about, std::size_t k, const FoamMesh& mesh) const {
    const fs::path path = foam_path(frames_[k].folder, field);
    COTAN_REQUIRE(!path.empty(), (frames_[k].folder / field).string() << ": is gone");
    FoamFile file = FoamFile::open(path);
    const auto here = foam_class(file.class_name());
    COTAN_REQUIRE(here && here->on == about.on && here->kind == about.kind,
                  path.string() << ": class '" << file.class_name() << "', another than at other times");
    return read_foam_field(file, about, mesh.file_points, mesh.file_cells);
  }

  // \param placed whether the points must be those of this frame, and not just its cells
  std::shared_ptr<const FoamMesh> mesh_at(std::size_t k, bool placed) const {
    const Instance& wanted = frames_.at(k).instance;
    const std::lock_guard lock(mutex_);
    const bool fits = mesh_instance_.topology == wanted.topology && (!placed || mesh_instance_.points == wanted.points);
    if (!fits) {
      mesh_ = std::make_shared<const FoamMesh>(read_mesh_of(wanted, in_plane_));
      mesh_instance_ = wanted;
    }
    return mesh_;
  }

  std::string name_;
  bool in_plane_;
  std::vector<Frame> frames_;
  std::vector<double> times_;
  std::map<std::string, FoamClass> fields_of_case_;
  std::vector<ArchiveField> fields_;
  std::vector<std::string> notes_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::shared_ptr<const FoamMesh> mesh_;
  mutable Instance mesh_instance_;
};

Snapshot read_case(const fs::path& path, bool in_plane, std::vector<std::string>* notes) {
  const auto say = [&](const std::vector<std::string>& some) {
    if (notes) notes->insert(notes->end(), some.begin(), some.end());
  };
  const FoamCase found = find_foam_case(path);
  if (!is_foam_archive(path)) {
    FoamMesh mesh = read_mesh_of({found.constant, found.constant}, in_plane);
    say(mesh.notes);
    return {Mesh(std::move(mesh.data)), {}, 0};
  }
  const FoamTrajectory trajectory(found, in_plane);
  say(trajectory.notes());
  const std::size_t last = trajectory.times().size() - 1;
  if (last > 0) say({std::to_string(last + 1) + " times; fields are those of the last"});
  std::vector<HostField> fields;
  for (const auto& field : trajectory.fields())
    fields.push_back({field.spec, as_doubles(trajectory.read(field.spec.name, last, last + 1))});
  return {trajectory.mesh(last), std::move(fields), trajectory.times()[last]};
}

}  // namespace

Snapshot read_foam(const fs::path& path, std::vector<std::string>* notes) {
  return read_case(path, false, notes);
}

Snapshot read_foam_plane(const fs::path& path, std::vector<std::string>* notes) {
  return read_case(path, true, notes);
}

bool is_foam_archive(const fs::path& path) {
  try {
    return is_foam_case(path) && has_fields(frames_of(find_foam_case(path)));
  } catch (const InputError&) {
    return false;  // what is wrong with it is said when it is read as a mesh
  }
}

std::unique_ptr<Archive> open_foam_archive(const fs::path& path, bool in_plane) {
  return single_trajectory(
      [path, in_plane] { return std::make_unique<FoamTrajectory>(find_foam_case(path), in_plane); });
}

}  // namespace cotan
