#pragma once
#include <filesystem>
#include <string>

#include "core/files.h"

namespace cotan {

/// Refuses a mesh file that no writer is there for, before any work is done.
/// \throw InputError naming the extensions that can be written
void require_mesh_output(const std::filesystem::path& path);

/// Makes the folder of a run or an archive. One that exists and holds anything is refused, unless `reuse`: then it is
/// emptied where it holds `marker`, the file by which we know our own, and refused otherwise.
/// \throw InputError naming the folder and the flag that would allow it
void claim_folder(const std::filesystem::path& folder, bool reuse, const std::string& marker);

/// A folder that appears whole or not at all: fill `path()`, then `commit()` renames it over the target.
class StagedFolder {
 public:
  explicit StagedFolder(std::filesystem::path target);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;
  const std::filesystem::path& path() const { return aside_; }
  void commit();  ///< \throw InputError naming the target and the system's reason

 private:
  std::filesystem::path target_, aside_;
};

}  // namespace cotan
