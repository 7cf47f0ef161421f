#pragma once
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>

#include "apps/draw/picture.h"

namespace cotan {

/// A rectangle of pixels, counted from the lower left.
struct Box {
  int left = 0, bottom = 0, width = 0, height = 0;
};

/// Where a picture's parts lie: each panel's title above its view, the bars of the scales in a strip at the right (of
/// rows) or below (of columns).
class PictureLayout {
 public:
  PictureLayout(const Picture& picture, int view_width, int view_height);
  Box view(std::size_t panel) const;
  Box title(std::size_t panel) const;
  /// Of the bar for rows or columns [first, last), without its numbers.
  Box bar(std::size_t first, std::size_t last) const;
  int width = 0, height = 0;  ///< of the whole picture

 private:
  std::size_t rows_, columns_;
  bool right_;
  int view_width_, view_height_;
};

/// Titles, and bars with their numbers.
vtkSmartPointer<vtkRenderer> overlay_of(const Picture& picture, const PictureLayout& layout);

}  // namespace cotan
