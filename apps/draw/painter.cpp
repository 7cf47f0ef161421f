#include "apps/draw/painter.h"

#include <vtkCamera.h>
#include <vtkErrorCode.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkOggTheoraWriter.h>
#include <vtkPNGWriter.h>
#include <vtkRenderWindow.h>
#include <vtkRenderer.h>
#include <vtkRendererCollection.h>
#include <vtkWindowToImageFilter.h>

#include <algorithm>
#include <cmath>

#include "apps/draw/overlay.h"
#include "apps/draw/scene.h"
#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace {

constexpr double kMargin = 1.04;  // of the view over what it shows
constexpr int kLargest = 8192;    // pixels a side that graphics libraries are sure to draw

}  // namespace

struct Painter::State {
  explicit State(const PictureLook& of) : look(of), sight(sight_of(of)) {
    const double aspect = sight.width > 0 ? sight.height / sight.width : 1;
    view_height = std::max(1, int(std::lround(look.width * std::clamp(aspect, 0.12, 2.0))));
  }

  PictureLook look;
  Sight sight;
  int view_height;  // of a panel without its title [pixels]
  vtkNew<vtkImageData> image;
  vtkNew<vtkOggTheoraWriter> video;
  std::unique_ptr<StagedFile> video_file;
  std::array<int, 2> video_size{};

  void aim(vtkRenderer* renderer) const {
    vtkCamera* camera = renderer->GetActiveCamera();
    camera->ParallelProjectionOn();
    const double away = 2 * (sight.depth + sight.width + sight.height);
    camera->SetFocalPoint(sight.centre.data());
    camera->SetPosition(sight.centre[0] + away * sight.from[0], sight.centre[1] + away * sight.from[1],
                        sight.centre[2] + away * sight.from[2]);
    camera->SetViewUp(sight.up.data());
    const double by_width = sight.width * view_height / look.width;
    camera->SetParallelScale(kMargin * std::max(sight.height, by_width) / 2);
    camera->SetClippingRange(away / 2, 2 * away);
  }

  void draw(const Picture& picture) {
    const PictureLayout layout(picture, look.width, view_height);
    COTAN_REQUIRE(layout.width <= kLargest && layout.height <= kLargest,
                  "a picture of " << layout.width << " x " << layout.height << " pixels, at most " << kLargest
                                  << " a side: ask for fewer times or smaller panels");
    vtkNew<vtkRenderWindow> window;
    window->SetOffScreenRendering(1);
    window->SetMultiSamples(4);
    window->SetSize(layout.width, layout.height);
    window->SetNumberOfLayers(2);
    vtkNew<vtkRenderer> paper;
    paper->SetBackground(1, 1, 1);
    window->AddRenderer(paper);
    for (std::size_t i = 0; i < picture.panels.size(); ++i) {
      const auto scale = picture.scale_of[picture.scales_of_rows ? i / picture.columns : i % picture.columns];
      const auto renderer = view_of(picture.panels[i], picture.scales[scale], look);
      const Box box = layout.view(i);
      renderer->SetViewport(double(box.left) / layout.width, double(box.bottom) / layout.height,
                            double(box.left + box.width) / layout.width,
                            double(box.bottom + box.height) / layout.height);
      window->AddRenderer(renderer);
      aim(renderer);
    }
    const auto words = overlay_of(picture, layout);
    words->SetLayer(1);
    window->AddRenderer(words);
    window->Render();
    vtkNew<vtkWindowToImageFilter> capture;
    capture->SetInput(window);
    capture->ReadFrontBufferOff();
    capture->Update();
    image->DeepCopy(capture->GetOutput());
  }
};

Painter::Painter(const PictureLook& look) : state_(std::make_unique<State>(look)) {}
Painter::~Painter() = default;
Painter::Painter(Painter&&) noexcept = default;

void Painter::draw(const Picture& picture) {
  state_->draw(picture);
}

void Painter::write_png(const std::filesystem::path& path) {
  StagedFile staged(path);
  vtkNew<vtkPNGWriter> writer;
  writer->SetFileName(staged.path().c_str());
  writer->SetInputData(state_->image);
  writer->Write();
  COTAN_REQUIRE(
      writer->GetErrorCode() == vtkErrorCode::NoError,
      path.string() << ": cannot be written: " << vtkErrorCode::GetStringFromErrorCode(writer->GetErrorCode()));
  staged.commit(/*flush_to_disk=*/false);
}

void Painter::add_to_video(const std::filesystem::path& path, int frames_a_second) {
  vtkImageData* image = state_->image;
  const std::array<int, 2> size = {image->GetDimensions()[0], image->GetDimensions()[1]};
  auto& video = state_->video;
  if (!state_->video_file) {
    state_->video_file = std::make_unique<StagedFile>(path);
    state_->video_size = size;
    video->SetFileName(state_->video_file->path().c_str());
    video->SetRate(frames_a_second);
    video->SetQuality(2);
    video->SubsamplingOff();
    video->SetInputData(image);
    video->Start();
  }
  if (size != state_->video_size) throw Error("images of a video of different sizes");
  video->SetInputData(image);
  video->Write();
  COTAN_REQUIRE(!video->GetError(), path.string() << ": the video cannot be written (disk full?)");
}

void Painter::finish_video() {
  if (!state_->video_file) return;
  state_->video->End();
  state_->video_file->commit();
  state_->video_file.reset();
}

}  // namespace cotan
