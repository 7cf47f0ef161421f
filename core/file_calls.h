#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

// The system's calls behind core/files.cpp and core/growing_file.cpp.
namespace cotan::file_calls {

/// A file descriptor that closes itself; close() reports what the destructor cannot.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_;
};

/// \throw InputError "cannot write /there: No space left on device", by errno
void require(bool succeeded, const char* doing, const std::filesystem::path& path);
/// What a write to `target` replaces: of a link the file it leads to. \throw InputError: a folder, a device or a pipe,
/// or in no folder that may be written to
std::filesystem::path resolve_target(const std::filesystem::path& target);
/// Where `target` is written before it takes its name: in the same folder.
std::filesystem::path aside_of(const std::filesystem::path& target);
/// \throw InputError naming `target` and the system's reason
void write_all(const Descriptor& file, std::string_view bytes, const std::filesystem::path& target);

}  // namespace cotan::file_calls
