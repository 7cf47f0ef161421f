#include "io/archive.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "io/exodus.h"
#include "io/foam.h"
#include "io/mapped_archive.h"
#include "io/numbered.h"
#include "io/numbered_arrays.h"
#include "io/pvd.h"
#include "io/su2_series.h"
#include "io/tfrecord_archive.h"
#include "io/vtkhdf.h"
#include "io/xdmf.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kIndexName = "archive.yaml";

/// Opens the trajectories that archive.yaml lists, one at a time.
class FolderArchive : public Archive {
 public:
  explicit FolderArchive(fs::path folder) : folder_(std::move(folder)), index_(read_archive_index(folder_)) {
    for (const auto& file : index_.files) {
      std::error_code error;
      COTAN_REQUIRE(fs::is_regular_file(folder_ / file, error),
                    (folder_ / kIndexName).string() << ": lists " << file << ", which is not in the folder");
    }
  }
  std::size_t size() const override { return index_.files.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override {
    return open_vtkhdf(folder_ / index_.files.at(index));
  }
  std::map<std::string, std::vector<std::size_t>> splits() const override { return index_.splits; }

 private:
  fs::path folder_;
  ArchiveIndex index_;
};

/// Some trajectories of an archive.
class ArchivePart : public Archive {
 public:
  ArchivePart(std::unique_ptr<Archive> whole, std::vector<std::size_t> numbers)
      : whole_(std::move(whole)), numbers_(std::move(numbers)) {}
  std::size_t size() const override { return numbers_.size(); }
  std::unique_ptr<Trajectory> open(std::size_t index) const override { return whole_->open(numbers_.at(index)); }

 private:
  std::unique_ptr<Archive> whole_;
  std::vector<std::size_t> numbers_;
};

std::unique_ptr<Archive> only_split(std::unique_ptr<Archive> archive, const std::string& split, const fs::path& path) {
  if (split.empty()) return archive;
  const auto splits = archive->splits();
  std::vector<std::string> names;
  for (const auto& entry : splits) names.push_back(entry.first);
  COTAN_REQUIRE(splits.count(split), path.string() << ": " << unknown_name("split", split, names));
  return std::make_unique<ArchivePart>(std::move(archive), splits.at(split));
}

bool has_index(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path / kIndexName, error);
}

bool is_vtkhdf(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".vtkhdf" || extension == ".hdf";
}

bool is_vtkhdf_or_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return is_vtkhdf(path) && !is_static_vtkhdf(path);  // or a pattern of such files
  return !has_index(path) && std::any_of(fs::directory_iterator(path, error), fs::directory_iterator(),
                                         [](const auto& entry) { return is_vtkhdf(entry.path()); });
}

bool is_pvd(const fs::path& path) {
  return lower_extension(path) == ".pvd";
}

void refuse_beside(const fs::path& path, const ArchiveOptions& options) {
  COTAN_REQUIRE(options.beside.empty(), path.string() << ": only collections (.pvd) can be joined side by side");
}

std::unique_ptr<Archive> open_folder(const fs::path& path) {
  return std::make_unique<FolderArchive>(path);
}

/// What `open` gives, of the split that is asked for.
template <std::unique_ptr<Archive> (*open)(const fs::path&)>
std::unique_ptr<Archive> open_alone(const fs::path& path, const ArchiveOptions& options) {
  refuse_beside(path, options);
  return only_split(open(path), options.split, path);
}

std::unique_ptr<Archive> open_pvd(const fs::path& path, const ArchiveOptions& options) {
  return only_split(open_pvd_archive(path, options.beside), options.split, path);
}

std::unique_ptr<Archive> open_tfrecord(const fs::path& path, const ArchiveOptions& options) {
  refuse_beside(path, options);
  return open_tfrecord_archive(path, options.split);
}

std::unique_ptr<Archive> open_foam(const fs::path& path, const ArchiveOptions& options) {
  refuse_beside(path, options);
  return only_split(open_foam_archive(path, options.in_plane), options.split, path);
}

constexpr std::array<ArchiveFormat, 11> kFormats = {{
    {"cotan", "folder with archive.yaml and a transient VTKHDF file for each trajectory", has_index,
     open_alone<open_folder>, "hdf5"},
    {"vtkhdf", ".vtkhdf or .hdf file, or a folder of them: one a trajectory, or one a time step", is_vtkhdf_or_folder,
     open_alone<open_vtkhdf_archive>, "hdf5"},
    {"pvd", ".pvd collection of .vtu files; several on one mesh can stand side by side", is_pvd, open_pvd, "vtk"},
    {"tfrecord", ".tfrecord file beside its meta.json (MeshGraphNets), or a folder of them, one a split",
     is_tfrecord_archive, open_tfrecord},
    {"exodus", "Exodus II file with time steps, or a pattern or folder of them: one a trajectory", is_exodus_archive,
     open_alone<open_exodus_archive>},
    {"xdmf", ".xdmf collection over time, with HDF5", is_xdmf_archive, open_alone<open_xdmf_archive>, "hdf5"},
    {"mapped", ".yaml file that says what the arrays of .npz or .h5 files are", is_array_mapping,
     open_alone<open_mapped_archive>, "hdf5"},
    {"su2", "folder with one .su2 mesh and its .csv solutions, or a pattern of the latter", is_su2_series,
     open_alone<open_su2_series>},
    {"openfoam", "OpenFOAM case with times: its folder, or a .foam file in it", is_foam_archive, open_foam},
    {"numbered", "mesh files of one time each, by a pattern in quotes (\"out_*.vtu\") or their folder",
     is_numbered_series, open_alone<open_numbered_archive>},
    {"arrays", "mesh file whose arrays are numbered: u0, u1, …", has_numbered_arrays, open_alone<open_numbered_arrays>},
}};

const ArchiveFormat* find_format(const fs::path& path) {
  const auto row = std::find_if(kFormats.begin(), kFormats.end(), [&](const auto& f) { return f.accepts(path); });
  return row == kFormats.end() ? nullptr : &*row;
}

}  // namespace

std::span<const ArchiveFormat> archive_formats() {
  return kFormats;
}

bool is_archive(const fs::path& path) {
  std::error_code error;
  return (fs::exists(path, error) || is_pattern(path)) && find_format(path);
}

void require_input(const fs::path& path) {
  if (!is_pattern(path)) return require_readable(path);
  COTAN_REQUIRE(!matching_files(path).empty(), path.string() << ": no file has such a name");
}

std::unique_ptr<Archive> open_archive(const fs::path& path, const ArchiveOptions& options) {
  require_input(path);
  const ArchiveFormat* format = find_format(path);
  if (!format) {
    std::string known;
    for (const auto& row : kFormats) {
      if (has_feature(row.needs)) known += "\n  " + std::string(row.name) + ": " + std::string(row.about);
    }
    throw InputError(path.string() + ": not an archive; these can be read:" + known);
  }
  COTAN_REQUIRE(!options.in_plane || format->open == open_foam, path.string()
                                                                    << ": only OpenFOAM cases are laid into the plane");
  auto archive = format->open(path, options);
  COTAN_REQUIRE(archive->size() > 0, path.string() << ": the archive has no trajectory");
  return archive;
}

}  // namespace cotan
