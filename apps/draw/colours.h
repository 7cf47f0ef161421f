#pragma once
#include <vtkColorTransferFunction.h>
#include <vtkSmartPointer.h>

#include "apps/draw/picture.h"

namespace cotan {

/// The scale's colours as VTK takes them. Viridis by Smith, van der Walt and Firing (CC0), at equal steps; the
/// diverging map by Moreland. \cite moreland2009
vtkSmartPointer<vtkColorTransferFunction> colour_function(const ColourScale& scale);

}  // namespace cotan
