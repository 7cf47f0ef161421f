#include "apps/outputs.h"

#include <vector>

#include "core/check.h"
#include "io/mesh_io.h"

namespace cotan {

void require_mesh_output(const std::filesystem::path& path) {
  std::vector<std::string> writable;
  for (const auto& format : mesh_formats()) {
    if (format.write) writable.emplace_back(format.extension);
    if (format.write && path.extension() == format.extension) return;
  }
  throw InputError(path.string() + ": " +
                   unknown_name("extension of a mesh to write", path.extension().string(), writable));
}

void claim_folder(const std::filesystem::path& folder, bool reuse, const std::string& marker) {
  namespace fs = std::filesystem;
  std::error_code failure;
  COTAN_REQUIRE(
      !fs::exists(folder) || fs::is_directory(folder),
      folder.string() << ": exists and is not a folder; name another (--overwrite replaces folders of ours only)");
  if (fs::exists(folder) && !fs::is_empty(folder, failure)) {
    COTAN_REQUIRE(reuse, folder.string() << ": exists (--resume goes on with it, --overwrite replaces it)");
    COTAN_REQUIRE(fs::exists(folder / marker), folder.string() << ": holds other files and no " << marker
                                                               << "; it is not replaced. Name another folder");
    for (const auto& entry : fs::directory_iterator(folder, failure)) fs::remove_all(entry.path(), failure);
  }
  if (!failure) fs::create_directories(folder, failure);
  COTAN_REQUIRE(!failure, folder.string() << ": cannot make the folder: " << failure.message());
}

StagedFolder::StagedFolder(std::filesystem::path target) : target_(std::move(target)) {
  if (!target_.has_filename()) target_ = target_.parent_path();  // "out/" is "out"
  aside_ = target_;
  aside_ += ".partial";
  std::error_code failure;
  std::filesystem::remove_all(aside_, failure);
  std::filesystem::create_directories(aside_, failure);
  COTAN_REQUIRE(!failure, aside_.string() << ": cannot make the folder: " << failure.message());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(aside_, ignored);
}

void StagedFolder::commit() {
  std::error_code failure;
  std::filesystem::remove_all(target_, failure);
  if (!failure) std::filesystem::rename(aside_, target_, failure);
  COTAN_REQUIRE(!failure, target_.string() << ": cannot put the folder in place: " << failure.message());
}

}  // namespace cotan
