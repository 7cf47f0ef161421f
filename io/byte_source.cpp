#include "io/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/check.h"

namespace cotan {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void read_whole(int fd, const std::string& name, std::uint64_t offset, std::span<std::byte> to) {
  while (!to.empty()) {
    const ssize_t count = ::pread(fd, to.data(), to.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    COTAN_REQUIRE(count >= 0, "cannot read " << name << ": " << std::strerror(errno));
    COTAN_REQUIRE(count > 0, name << ": shorter than it was when opened");
    offset += static_cast<std::uint64_t>(count);
    to = to.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

ByteSource ByteSource::file(const std::filesystem::path& path) {
  const auto file = std::make_shared<const Descriptor>(path);
  const std::string name = path.string();
  COTAN_REQUIRE(file->get() >= 0, "cannot read " << name << ": " << std::strerror(errno));
  struct stat about {};
  COTAN_REQUIRE(::fstat(file->get(), &about) == 0 && S_ISREG(about.st_mode), name << ": not a file");
  return {name, static_cast<std::uint64_t>(about.st_size),
          [file, name](std::uint64_t offset, std::span<std::byte> to) { read_whole(file->get(), name, offset, to); }};
}

ByteSource ByteSource::memory(std::span<const std::byte> bytes, std::string name) {
  return {std::move(name), bytes.size(), [bytes](std::uint64_t offset, std::span<std::byte> to) {
            if (!to.empty()) std::memcpy(to.data(), bytes.data() + offset, to.size());
          }};
}

}  // namespace cotan
