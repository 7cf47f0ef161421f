#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/check.h"
#include "core/file_calls.h"

namespace cotan {
namespace fs = std::filesystem;
using namespace file_calls;
namespace {

std::string reason(int error) {
  return std::strerror(error);
}

}  // namespace

// What fails is read from errno before the message is built.
void file_calls::require(bool succeeded, const char* doing, const fs::path& path) {
  const int error = errno;
  COTAN_REQUIRE(succeeded, "cannot " << doing << " " << path.string() << ": " << reason(error));
}

fs::path file_calls::resolve_target(const fs::path& target) {
  COTAN_REQUIRE(target.has_filename(), "cannot write '" << target.string() << "': it names no file");
  std::error_code none;
  const fs::path resolved = fs::is_symlink(target, none) ? fs::weakly_canonical(target, none) : target;
  const fs::file_status status = fs::status(resolved, none);
  COTAN_REQUIRE(!fs::is_directory(status), "cannot write " << target.string() << ": it is a folder");
  COTAN_REQUIRE(!fs::exists(status) || fs::is_regular_file(status),
                "cannot write " << target.string() << ": it is not a regular file");
  const fs::path folder = (resolved.empty() ? target : resolved).parent_path();  // or each writer says it its own way
  require(::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0, "write", target);
  return resolved.empty() ? target : resolved;
}

void file_calls::write_all(const Descriptor& file, std::string_view bytes, const fs::path& target) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    require(written >= 0, "write", target);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

namespace {

// Some file systems refuse to flush a folder (EINVAL): the rename is then as safe as they make it.
void flush(const fs::path& path, int flags, const fs::path& target) {
  Descriptor file(path, flags);
  require(file.get() >= 0, "write", target);
  require(::fsync(file.get()) == 0 || errno == EINVAL, "write", target);
  require(file.close(), "write", target);
}

}  // namespace

// The suffix stays in place: writers pick a format by it.
fs::path file_calls::aside_of(const fs::path& target) {
  return target.parent_path() / (".part-" + target.filename().string());
}

StagedFile::StagedFile(fs::path target) : target_(resolve_target(target)), aside_(aside_of(target_)) {}

StagedFile::~StagedFile() {
  std::error_code none;
  if (!done_) fs::remove(aside_, none);
}

void StagedFile::commit(bool flush_to_disk) {
  if (flush_to_disk) flush(aside_, O_RDWR, target_);
  require(::rename(aside_.c_str(), target_.c_str()) == 0, "write", target_);
  done_ = true;
  if (!flush_to_disk) return;
  flush(target_.has_parent_path() ? target_.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY, target_);
}

void write_file(const fs::path& path, std::string_view bytes) {
  StagedFile staged(path);
  {
    Descriptor file(staged.path(), O_WRONLY | O_CREAT | O_TRUNC);
    require(file.get() >= 0, "write", path);
    write_all(file, bytes, path);
    require(file.close(), "write", path);
  }
  staged.commit();
}

void require_readable(const fs::path& path) {
  struct stat info {};
  const bool is_there = ::stat(path.c_str(), &info) == 0;
  COTAN_REQUIRE(is_there || (errno != ENOENT && errno != ENOTDIR), path.string() << ": no such file");
  const int error = is_there && ::access(path.c_str(), R_OK) == 0 ? 0 : errno;
  COTAN_REQUIRE(error == 0, path.string() << ": cannot be read: " << reason(error));
}

std::string lower_extension(const fs::path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

std::filesystem::path file_inside(const std::filesystem::path& folder, std::string_view name, std::string_view where) {
  const std::filesystem::path given = std::filesystem::path(name).lexically_normal();
  COTAN_REQUIRE(!given.empty() && given.is_relative() && *given.begin() != "..",
                where << ": names the file '" << name << "', expected one in the folder "
                      << (folder.empty() ? std::filesystem::path(".") : folder).string() << " or below it");
  return folder / given;
}

std::string read_file(const fs::path& path) {
  Descriptor file(path, O_RDONLY);
  require(file.get() >= 0, "read", path);
  struct stat info {};
  require(::fstat(file.get(), &info) == 0, "read", path);
  COTAN_REQUIRE(!S_ISDIR(info.st_mode), "cannot read " << path.string() << ": it is a folder");
  COTAN_REQUIRE(!S_ISCHR(info.st_mode) && !S_ISBLK(info.st_mode),
                "cannot read " << path.string() << ": it is a device, which need not end");
  const std::size_t said = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
  const std::size_t chunk = std::clamp<std::size_t>(said + 1, 1 << 12, 1 << 20);  // a pipe and /proc say 0
  std::string bytes;
  bytes.reserve(chunk + said);
  for (std::size_t size = 0;;) {
    bytes.resize(size + chunk);
    const ssize_t count = ::read(file.get(), bytes.data() + size, chunk);
    if (count < 0 && errno == EINTR) continue;
    require(count >= 0, "read", path);
    size += static_cast<std::size_t>(count);
    bytes.resize(size);
    if (count == 0) return bytes;
  }
}

void check_output(const fs::path& path, bool overwrite) {
  std::error_code error;
  COTAN_REQUIRE(overwrite || !fs::exists(path, error),
                path.string() << " exists; --overwrite allows to replace it, or give another name");
  fs::path above = path.parent_path();
  while (!above.empty() && above.has_relative_path() && !fs::exists(above, error)) above = above.parent_path();
  if (above.empty()) above = ".";
  COTAN_REQUIRE(fs::is_directory(above, error) && ::access(above.c_str(), W_OK) == 0,
                "cannot write " << path.string() << ": " << above.string() << " is no folder that may be written to");
}

void make_parent(const fs::path& path) {
  const fs::path parent = path.parent_path();
  if (parent.empty()) return;
  std::error_code error;
  fs::create_directories(parent, error);
  COTAN_REQUIRE(!error, "cannot make the folder " << parent.string() << ": " << error.message());
}

}  // namespace cotan
