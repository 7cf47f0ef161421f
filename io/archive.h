#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tensor_file.h"
#include "mesh/field.h"
#include "mesh/prescribed_masks.h"
#include "mesh/roles.h"

namespace cotan {

/// A field of a trajectory as the file keeps it.
struct ArchiveField {
  FieldSpec spec;
  DType dtype = DType::f32;
  bool is_static = false;  ///< the same at all times: stored once
};

/// One trajectory on disk, read in parts. Safe from several threads.
class Trajectory {
 public:
  virtual ~Trajectory() = default;
  virtual const std::string& name() const = 0;           ///< for messages: file and number
  virtual const std::vector<double>& times() const = 0;  ///< [s], increasing
  virtual Mesh mesh(std::size_t k = 0) const = 0;        ///< at frame k; one and the same where has_static_mesh()
  virtual bool has_static_mesh() const { return true; }
  virtual const std::vector<ArchiveField>& fields() const = 0;
  /// Frames [k0, k1) of a field: shape (k1 - k0, rows, components) in the file's dtype; static fields repeat.
  /// \throw InputError naming file and field: absent (with those there are), truncated, corrupt
  virtual HostTensor read(const std::string& field, std::size_t k0, std::size_t k1) const = 0;
  virtual std::vector<Role> roles() const { return {}; }     ///< (points), or empty where the archive has none
  virtual PrescribedMasks prescribed() const { return {}; }  ///< what its solver was given; empty where it is not said
  virtual std::map<std::string, double> parameters() const { return {}; }
  virtual std::vector<std::string> notes() const { return {}; }  ///< what was changed or left out, a sentence each
};

/// A set of trajectories.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual std::size_t size() const = 0;
  virtual std::unique_ptr<Trajectory> open(std::size_t index) const = 0;  ///< \pre index < size()
  /// split name -> trajectory numbers; empty where the archive has none
  virtual std::map<std::string, std::vector<std::size_t>> splits() const { return {}; }
};

struct ArchiveOptions {
  std::string split = {};                          ///< only the trajectories of this one; empty: all
  std::vector<std::filesystem::path> beside = {};  ///< further collections on the same mesh and times, joined
  bool in_plane = false;  ///< of an OpenFOAM case one cell thick: the mesh of the plane (io/foam.h)
};

/// A row of the table of archive formats (archive.cpp).
struct ArchiveFormat {
  std::string_view name, about;
  bool (*accepts)(const std::filesystem::path&);
  std::unique_ptr<Archive> (*open)(const std::filesystem::path&, const ArchiveOptions&);
  std::string_view needs = "";  ///< the feature (core/build.h) that a build must have for it
};
/// All of them; those that a build lacks say which option brings them.
std::span<const ArchiveFormat> archive_formats();
/// \throw InputError: nothing that reads it (listing the formats), missing, empty
std::unique_ptr<Archive> open_archive(const std::filesystem::path& path, const ArchiveOptions& options = {});
bool is_archive(const std::filesystem::path& path);
/// A file or folder that may be read, or a pattern ("out_*.vtu") that some files match. \throw InputError
void require_input(const std::filesystem::path& path);

/// Values of a tensor as doubles.
std::vector<double> as_doubles(const HostTensor& tensor);

/// Writes one trajectory frame by frame: a transient VTKHDF file (io/vtkhdf.cpp). The file appears under its name at
/// finish().
class TrajectoryWriter {
 public:
  virtual ~TrajectoryWriter() = default;
  /// Every field of the constructor's list, each (rows, components). \throw InputError on a full disk
  virtual void append(double t, std::span<const HostField> fields) = 0;
  virtual void finish() = 0;
};
struct TrajectoryMeta {
  std::vector<Role> roles;
  std::map<std::string, double> parameters;
  std::string config;               ///< how it was made
  PrescribedMasks prescribed = {};  ///< of fields on points
};
/// \throw InputError in a build without HDF5, naming the option
std::unique_ptr<TrajectoryWriter> write_trajectory(const std::filesystem::path& file, const Mesh& mesh,
                                                   const std::vector<FieldSpec>& fields, const TrajectoryMeta& meta);

/// archive.yaml of the project's own folder archive: its trajectories, their fields, splits, failed draws.
struct ArchiveIndex {
  std::vector<FieldSpec> fields;
  std::vector<std::string> files;  ///< in the order of draws
  std::map<std::string, std::vector<std::size_t>> splits;
  std::string made_by;  ///< YAML of the case
  std::uint64_t seed = 0;
  struct Failure {
    std::uint64_t draw;
    std::string reason;
  };
  std::vector<Failure> failures;
};
/// How archive.yaml begins.
constexpr std::string_view kArchiveHeading = "# An archive of cotan";
/// "00007.vtkhdf": of the trajectory with that number.
std::string trajectory_file_name(std::size_t number);
ArchiveIndex read_archive_index(const std::filesystem::path& folder);
void write_archive_index(const std::filesystem::path& folder, const ArchiveIndex& index);

}  // namespace cotan
