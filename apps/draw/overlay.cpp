#include "apps/draw/overlay.h"

#include <vtkActor2D.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkPolyDataMapper2D.h>
#include <vtkTextActor.h>
#include <vtkTextProperty.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "apps/draw/colours.h"

namespace cotan {
namespace {

constexpr int kGap = 8;           // between panels [pixels]
constexpr int kTitle = 22;        // a line of words
constexpr int kBar = 14;          // across a bar
constexpr int kRightStrip = 136;  // for a bar and its numbers
constexpr int kBelowStrip = 62;   // for a bar, its numbers and its title
constexpr int kFont = 14;

enum class Align { left, centre, right };

void add_text(vtkRenderer* to, const std::string& words, int x, int y, Align align, double turned = 0) {
  if (words.empty()) return;
  vtkNew<vtkTextActor> text;
  text->SetInput(words.c_str());
  vtkTextProperty* look = text->GetTextProperty();
  look->SetColor(0, 0, 0);
  look->SetFontSize(kFont);
  look->SetOrientation(turned);
  look->SetJustification(align == Align::left     ? VTK_TEXT_LEFT
                         : align == Align::centre ? VTK_TEXT_CENTERED
                                                  : VTK_TEXT_RIGHT);
  look->SetVerticalJustificationToBottom();
  text->SetPosition(x, y);
  to->AddViewProp(text);
}

std::string number(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.3g", value);
  return digits;
}

// One quadrilateral a step of colour.
void add_bar(vtkRenderer* to, const Box& box, const ColourScale& scale, bool upright) {
  constexpr int kSteps = 128;
  vtkNew<vtkPoints> points;
  vtkNew<vtkCellArray> cells;
  vtkNew<vtkUnsignedCharArray> colours;
  colours->SetNumberOfComponents(3);
  const auto function = colour_function(scale);
  for (int i = 0; i <= kSteps; ++i) {
    const double share = double(i) / kSteps;
    const double x = box.left + (upright ? 0 : share * box.width), y = box.bottom + (upright ? share * box.height : 0);
    points->InsertNextPoint(x, y, 0);
    points->InsertNextPoint(x + (upright ? box.width : 0), y + (upright ? 0 : box.height), 0);
    if (i == kSteps) break;
    const std::array<vtkIdType, 4> corners = {2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2};
    cells->InsertNextCell(4, corners.data());
    const double* rgb = function->GetColor(scale.low + (share + 0.5 / kSteps) * (scale.high - scale.low));
    for (int c = 0; c < 3; ++c) colours->InsertNextValue(static_cast<unsigned char>(255 * rgb[c] + 0.5));
  }
  vtkNew<vtkPolyData> bar;
  bar->SetPoints(points);
  bar->SetPolys(cells);
  bar->GetCellData()->SetScalars(colours);
  vtkNew<vtkPolyDataMapper2D> mapper;
  mapper->SetInputData(bar);
  vtkNew<vtkActor2D> actor;
  actor->SetMapper(mapper);
  to->AddViewProp(actor);
}

void add_scale(vtkRenderer* to, const Box& box, const ColourScale& scale, bool upright) {
  add_bar(to, box, scale, upright);
  for (const double share : {0.0, 0.5, 1.0}) {
    const std::string label = number(scale.low + share * (scale.high - scale.low));
    if (upright) {
      add_text(to, label, box.left + box.width + 6, box.bottom + int(share * box.height) - int(share * kFont),
               Align::left);
    } else {
      const Align align = share == 0 ? Align::left : share == 1 ? Align::right : Align::centre;
      add_text(to, label, box.left + int(share * box.width), box.bottom - kFont - 4, align);
    }
  }
  if (upright) {
    add_text(to, scale.title, box.left + box.width + 6 + 90, box.bottom + box.height / 2, Align::centre, 90);
  } else {
    add_text(to, scale.title, box.left + box.width / 2, box.bottom - 2 * kFont - 10, Align::centre);
  }
}

}  // namespace

PictureLayout::PictureLayout(const Picture& picture, int view_width, int view_height)
    : rows_(picture.rows),
      columns_(picture.columns),
      right_(picture.scales_of_rows),
      view_width_(view_width),
      view_height_(view_height) {
  width = kGap + int(columns_) * (view_width + kGap) + (right_ ? kRightStrip : 0);
  height = kGap + int(rows_) * (view_height + kTitle + kGap) + (right_ ? 0 : kBelowStrip);
  width += width % 2;  // videos are of even size
  height += height % 2;
}

Box PictureLayout::view(std::size_t panel) const {
  const int row = int(panel / columns_), column = int(panel % columns_);
  return {kGap + column * (view_width_ + kGap), height - (row + 1) * (view_height_ + kTitle + kGap), view_width_,
          view_height_};
}

Box PictureLayout::title(std::size_t panel) const {
  const Box box = view(panel);
  return {box.left, box.bottom + box.height, box.width, kTitle};
}

Box PictureLayout::bar(std::size_t first, std::size_t last) const {
  if (right_) {
    const Box top = view(first * columns_), low = view((last - 1) * columns_);
    const int inset = (top.bottom + top.height - low.bottom) / 20;
    return {kGap + int(columns_) * (view_width_ + kGap), low.bottom + inset, kBar,
            top.bottom + top.height - low.bottom - 2 * inset};
  }
  const Box left = view(first), right = view(last - 1);
  const int inset = (right.left + right.width - left.left) / 20;
  return {left.left + inset, kBelowStrip - kBar, right.left + right.width - left.left - 2 * inset, kBar};
}

vtkSmartPointer<vtkRenderer> overlay_of(const Picture& picture, const PictureLayout& layout) {
  auto renderer = vtkSmartPointer<vtkRenderer>::New();
  renderer->InteractiveOff();
  for (std::size_t i = 0; i < picture.panels.size(); ++i) {
    const Box box = layout.title(i);
    add_text(renderer, picture.panels[i].title, box.left + 2, box.bottom + 4, Align::left);
  }
  const auto& scale_of = picture.scale_of;
  for (std::size_t first = 0, last = 0; first < scale_of.size(); first = last) {
    while (last < scale_of.size() && scale_of[last] == scale_of[first]) ++last;
    add_scale(renderer, layout.bar(first, last), picture.scales[scale_of[first]], picture.scales_of_rows);
  }
  return renderer;
}

}  // namespace cotan
