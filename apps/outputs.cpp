#include "apps/outputs.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "core/build.h"
#include "core/check.h"
#include "core/files.h"
#include "io/archive.h"
#include "io/mesh_io.h"
#include "io/require.h"

namespace cotan {
namespace {

namespace fs = std::filesystem;

// What StagedFile writes aside; a killed run leaves it, and it keeps nobody from a folder.
bool is_aside(const fs::path& file) {
  return file.filename().string().starts_with(".part-");
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) {
    found.push_back(it->path());
  }
  COTAN_REQUIRE(!failure, folder.string() << ": cannot be listed: " << failure.message());
  return found;
}

void remove_file(const fs::path& file) {
  std::error_code failure;
  fs::remove(file, failure);
  COTAN_REQUIRE(!failure, file.string() << ": cannot be removed: " << failure.message());
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  COTAN_REQUIRE(!failure, folder.string() << ": cannot make the folder: " << failure.message());
}

// The trajectories of the index, and the one that was at work, whole but not yet listed.
std::vector<std::string> archive_files(const fs::path& folder) {
  ArchiveIndex index = read_archive_index(folder);
  index.files.push_back(trajectory_file_name(index.files.size()));
  index.files.emplace_back("solver_times.csv");
  return index.files;
}

std::vector<std::string> run_files(const fs::path&) {
  return {"metrics.jsonl", "best.safetensors", "last.safetensors"};
}

// "run/" is "run"; of a link, what it leads to.
fs::path plain(fs::path target) {
  if (!target.has_filename()) target = target.parent_path();
  return fs::is_symlink(target) ? fs::weakly_canonical(target) : target;
}

fs::path frames_of(const fs::path& pvd) {
  return fs::path(pvd).replace_extension();
}

// 0000.vtu, and of several ranks 0000.pvtu and 0000_1.vtu.
bool is_frame(const fs::path& file) {
  const std::string stem = file.stem().string();
  const auto digits = static_cast<std::size_t>(
      std::find_if(stem.begin(), stem.end(), [](unsigned char c) { return !std::isdigit(c); }) - stem.begin());
  const bool of_a_rank = digits < stem.size() && stem[digits] == '_' && stem.size() > digits + 1 &&
                         std::all_of(stem.begin() + static_cast<std::ptrdiff_t>(digits) + 1, stem.end(),
                                     [](unsigned char c) { return std::isdigit(c); });
  return digits >= 4 && (digits == stem.size() || of_a_rank) &&
         (file.extension() == ".vtu" || file.extension() == ".pvtu");
}

}  // namespace

void require_mesh_output(const fs::path& path) {
  std::vector<std::string> writable;
  for (const auto& format : mesh_formats()) {
    if (format.write && has_feature(format.needs)) writable.emplace_back(format.extension);
    if (format.write && lower_extension(path) == format.extension) return;
  }
  throw InputError(path.string() + ": " +
                   unknown_name("extension of a mesh to write", path.extension().string(), writable));
}

const OurFolder& archive_folder() {
  static constexpr OurFolder kind = {"archive.yaml", kArchiveHeading, archive_files};
  return kind;
}

const OurFolder& run_folder() {
  static constexpr OurFolder kind = {"config.yaml", "# A training of cotan", run_files};
  return kind;
}

bool is_ours(const fs::path& folder, const OurFolder& kind) {
  std::string start(kind.heading.size(), '\0');
  std::ifstream marker(folder / kind.marker, std::ios::binary);
  return marker.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kind.heading;
}

void check_folder(const fs::path& folder, bool overwrite, const OurFolder& kind) {
  if (!fs::exists(folder)) return;
  COTAN_REQUIRE(fs::is_directory(folder), folder.string() << ": exists and is not a folder; give another name");
  const auto there = entries(folder);
  if (std::all_of(there.begin(), there.end(), is_aside)) return;
  COTAN_REQUIRE(is_ours(folder, kind), folder.string() << ": holds other files and no " << kind.marker
                                                       << " of ours; it is left alone. Give another name");
  COTAN_REQUIRE(overwrite, folder.string() << ": exists (--resume goes on with it, --overwrite replaces it)");
}

void claim_folder(const fs::path& folder, bool overwrite, const OurFolder& kind) {
  check_folder(folder, overwrite, kind);
  make_folder(folder);
  if (!is_ours(folder, kind)) return;
  for (const auto& name : kind.files(folder)) {
    remove_file(folder / name);
    remove_file(folder / (".part-" + name));
  }
  remove_file(folder / kind.marker);
}

StagedFolder::StagedFolder(fs::path target, bool overwrite, const OurFolder& kind) : target_(plain(std::move(target))) {
  if (fs::exists(target_)) {
    const std::string name = target_.string();
    COTAN_REQUIRE(overwrite, name << ": exists; --overwrite allows to replace it, or give another name");
    COTAN_REQUIRE(is_ours(target_, kind),
                  name << ": is no folder with " << kind.marker << " of ours; it is not replaced. Give another name");
    auto known = kind.files(target_);
    known.emplace_back(kind.marker);
    for (const auto& file : entries(target_)) {
      COTAN_REQUIRE(is_aside(file) || std::count(known.begin(), known.end(), file.filename().string()),
                    file.string() << ": is not ours, so the folder is not replaced. Move it, or give another name");
    }
  }
  if (target_.has_parent_path()) make_folder(target_.parent_path());
  std::string aside = (target_.parent_path() / (".part-" + target_.filename().string() + "-XXXXXX")).string();
  COTAN_REQUIRE(::mkdtemp(aside.data()), aside << ": cannot make the folder: " << std::strerror(errno));
  aside_ = aside;
  make_folder(path());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(aside_, ignored);
}

void StagedFolder::commit() {
  std::error_code failure, ignored;
  const fs::path old = aside_ / "old";
  if (fs::exists(target_)) fs::rename(target_, old, failure);
  if (!failure) {
    fs::rename(path(), target_, failure);
    if (failure && fs::exists(old)) fs::rename(old, target_, ignored);
    if (ignored) aside_.clear();  // what stood there is in it, and is kept
  }
  COTAN_REQUIRE(!failure, target_.string() << ": cannot put the folder in place: " << failure.message());
}

void check_series(const fs::path& pvd, bool overwrite) {
  require_vtk(pvd);
  check_output(pvd, overwrite);
  const fs::path folder = frames_of(pvd);
  if (!fs::exists(folder)) return;
  COTAN_REQUIRE(fs::is_directory(folder), folder.string() << ": is a file, where the frames of " << pvd.string()
                                                          << " would stand; give another name");
  const auto there = entries(folder);
  COTAN_REQUIRE(overwrite || std::none_of(there.begin(), there.end(), is_frame),
                folder.string() << " exists and holds frames of a series; --overwrite allows to replace them, or give "
                                   "another name");
}

void claim_series(const fs::path& pvd, bool overwrite) {
  check_series(pvd, overwrite);
  remove_file(pvd);
  if (!fs::exists(frames_of(pvd))) return;
  for (const auto& file : entries(frames_of(pvd))) {
    if (is_frame(file)) remove_file(file);
  }
}

}  // namespace cotan
