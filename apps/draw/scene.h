#pragma once
#include <vtkRenderer.h>
#include <vtkSmartPointer.h>

#include "apps/draw/picture.h"

namespace cotan {

/// The panel's mesh, or its cut, in colours; arrows and lines as asked for. The camera is still to be set.
vtkSmartPointer<vtkRenderer> view_of(const Panel& panel, const ColourScale& scale, const PictureLook& look);

}  // namespace cotan
