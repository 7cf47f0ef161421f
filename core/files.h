#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace cotan {

/// A file that appears whole or not at all: write to `path()`, then `commit()` renames it into place.
/// Without commit the aside file is removed. The aside file lies in the same folder (rename is atomic there).
class StagedFile {
 public:
  explicit StagedFile(std::filesystem::path target);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;
  const std::filesystem::path& path() const { return aside_; }
  /// Renames into place, by default after flushing to disk, so that a power cut costs nothing either. What is written
  /// often and made again easily (frames of a series) need not be. \throw InputError naming the target and the system's
  /// reason (disk full, …)
  void commit(bool flush_to_disk = true);

 private:
  std::filesystem::path target_, aside_;
  bool done_ = false;
};

/// Writes all bytes through a StagedFile. \throw InputError naming the file and the system's reason
void write_file(const std::filesystem::path& path, std::string_view bytes);
/// A file or folder that is there and may be read. \throw InputError naming it and the system's reason
void require_readable(const std::filesystem::path& path);
/// ".step" of part.STEP: what tables of formats go by.
std::string lower_extension(const std::filesystem::path& path);
/// The file that another file names, beside it. \param where begins the message
/// \throw InputError for a name that is empty, absolute or leads out of the folder by ".."
std::filesystem::path file_inside(const std::filesystem::path& folder, std::string_view name, std::string_view where);
/// \throw InputError naming the file and the reason (missing, a folder, unreadable)
std::string read_file(const std::filesystem::path& path);

/// Refuses an output that exists unless `overwrite`, and one that no folder can hold. Changes nothing: for the begin of
/// a run. \throw InputError naming the path and the flag that would allow it
void check_output(const std::filesystem::path& path, bool overwrite);
/// Makes the folder that the file is to stand in, when there is something to write. \throw InputError
void make_parent(const std::filesystem::path& path);

}  // namespace cotan
