#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/files.h"

namespace cotan {

/// Refuses a mesh file that no writer is there for, before any work is done.
/// \throw InputError naming the extensions that can be written
void require_mesh_output(const std::filesystem::path& path);

/// A kind of folder that we write: how it is known again, and which files in it are ours. Others are never touched.
struct OurFolder {
  std::string_view marker;   ///< written before all else, removed after all else
  std::string_view heading;  ///< how the marker begins
  std::vector<std::string> (*files)(const std::filesystem::path& folder);  ///< names of the rest; may be absent
};
/// Marked by archive.yaml, which lists its trajectories.
const OurFolder& archive_folder();
/// Of a training: marked by config.yaml.
const OurFolder& run_folder();

/// Whether the folder holds the marker of that kind.
bool is_ours(const std::filesystem::path& folder, const OurFolder& kind);
/// Refuses a folder that may not be written to: one that holds anything, unless it is ours and `overwrite`. Changes
/// nothing. \throw InputError naming the folder and the flag that would allow it
void check_folder(const std::filesystem::path& folder, bool overwrite, const OurFolder& kind);
/// check_folder; then makes the folder, or removes what is ours from it, the marker last. \throw InputError
void claim_folder(const std::filesystem::path& folder, bool overwrite, const OurFolder& kind);

/// A folder that appears whole or not at all: fill `path()`, then `commit()` puts it in the place of the target, which
/// is removed only then. \throw InputError for a target that exists, unless it is ours, holds nothing else, and
/// `overwrite`
class StagedFolder {
 public:
  StagedFolder(std::filesystem::path target, bool overwrite, const OurFolder& kind);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;
  std::filesystem::path path() const { return aside_ / "new"; }
  void commit();  ///< \throw InputError naming the target and the system's reason

 private:
  std::filesystem::path target_, aside_;
};

/// A series is NAME.pvd and its frames NAME/0000.vtu, …: refuses one that exists, in whole or part, unless `overwrite`.
/// Changes nothing. \throw InputError naming the file or folder, or in a build without VTK the option
void check_series(const std::filesystem::path& pvd, bool overwrite);
/// check_series; then removes the .pvd and the frames of an earlier series. Call it when the new one is ready to go.
void claim_series(const std::filesystem::path& pvd, bool overwrite);

}  // namespace cotan
