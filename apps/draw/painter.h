#pragma once
#include <filesystem>
#include <memory>

#include "apps/draw/picture.h"

namespace cotan {

/// Draws by VTK, in memory. Needs a display (DISPLAY), if only a virtual one.
class Painter {
 public:
  explicit Painter(const PictureLook& look);
  ~Painter();
  Painter(Painter&&) noexcept;
  /// The image that the next calls write. \throw InputError for one of more than 8192 pixels a side
  void draw(const Picture& picture);
  /// \throw InputError naming the file and reason where it cannot be written
  void write_png(const std::filesystem::path& path);
  /// The next image of a video (Ogg Theora), which appears under its name at finish_video(). All are of one size.
  /// \throw InputError naming the file
  void add_to_video(const std::filesystem::path& path, int frames_a_second);
  void finish_video();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cotan
