#include "apps/draw/colours.h"

#include <array>

namespace cotan {
namespace {

constexpr std::array<unsigned, 9> kViridis = {0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                              0x28ae80, 0x5ec962, 0xaddc30, 0xfde725};

}  // namespace

vtkSmartPointer<vtkColorTransferFunction> colour_function(const ColourScale& scale) {
  auto function = vtkSmartPointer<vtkColorTransferFunction>::New();
  function->SetNanColor(0.6, 0.6, 0.6);
  if (scale.diverging) {
    function->SetColorSpaceToDiverging();
    function->AddRGBPoint(scale.low, 0.230, 0.299, 0.754);
    function->AddRGBPoint(scale.high, 0.706, 0.016, 0.150);
    return function;
  }
  function->SetColorSpaceToLab();
  for (std::size_t i = 0; i < kViridis.size(); ++i) {
    const auto part = [rgb = kViridis[i]](int shift) { return double(rgb >> shift & 255) / 255; };
    const double share = double(i) / double(kViridis.size() - 1);
    function->AddRGBPoint(scale.low + share * (scale.high - scale.low), part(16), part(8), part(0));
  }
  return function;
}

}  // namespace cotan
