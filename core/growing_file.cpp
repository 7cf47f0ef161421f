#include "core/growing_file.h"

#include <sys/stat.h>

#include <cstdio>
#include <system_error>

#include "core/file_calls.h"

namespace cotan {
namespace fs = std::filesystem;
using namespace file_calls;
namespace {

// Not every system has the call, nor every file system.
bool exchange_names(const fs::path& a, const fs::path& b) {
#ifdef RENAME_EXCHANGE
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
#else
  (void)a, (void)b;
  return false;
#endif
}

}  // namespace

GrowingFile::GrowingFile(fs::path target, std::string head, std::string tail)
    : target_(std::move(target)), text_(std::move(head)), tail_(std::move(tail)) {}

GrowingFile::~GrowingFile() {
  std::error_code none;
  if (!aside_.inode) return;
  const fs::path target = fs::is_symlink(target_, none) ? fs::weakly_canonical(target_, none) : target_;
  fs::remove(aside_of(target), none);
}

void GrowingFile::append(std::string_view text) {
  const std::size_t before = text_.size();
  const fs::path target = resolve_target(target_), aside = aside_of(target);
  text_ += text;
  try {
    put_in_place(aside, target, bring_up_to_date(aside));
  } catch (...) {
    text_.resize(before);
    aside_ = {};
    std::error_code none;
    fs::remove(aside, none);
    throw;
  }
}

// The copy is extended where it is as we left it, and no other name leads to it; else it is written anew.
GrowingFile::Copy GrowingFile::bring_up_to_date(const fs::path& aside) const {
  struct stat info {};
  const bool ours = aside_.inode && ::lstat(aside.c_str(), &info) == 0 && info.st_ino == aside_.inode &&
                    info.st_nlink == 1 && static_cast<std::size_t>(info.st_size) == aside_.size + tail_.size();
  const std::size_t from = ours ? aside_.size : 0;
  std::error_code none;
  if (!ours) fs::remove(aside, none);
  Descriptor file(aside, ours ? O_WRONLY : O_WRONLY | O_CREAT | O_EXCL);
  require(file.get() >= 0, "write", target_);
  require(::lseek(file.get(), static_cast<off_t>(from), SEEK_SET) >= 0, "write", target_);
  write_all(file, std::string_view(text_).substr(from), target_);
  write_all(file, tail_, target_);
  require(::fstat(file.get(), &info) == 0, "write", target_);
  require(file.close(), "write", target_);
  return {info.st_ino, text_.size()};
}

void GrowingFile::put_in_place(const fs::path& aside, const fs::path& target, Copy fresh) {
  if (listed_.inode && exchange_names(aside, target)) {
    aside_ = listed_;
  } else {
    require(::rename(aside.c_str(), target.c_str()) == 0, "write", target_);
    aside_ = {};
  }
  listed_ = fresh;
}

}  // namespace cotan
