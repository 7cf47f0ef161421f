#include "apps/draw/scene.h"

#include <vtkActor.h>
#include <vtkArrowSource.h>
#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkCutter.h>
#include <vtkDataSetMapper.h>
#include <vtkDoubleArray.h>
#include <vtkGlyph3D.h>
#include <vtkMaskPoints.h>
#include <vtkNew.h>
#include <vtkPlane.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyDataMapper.h>
#include <vtkProperty.h>
#include <vtkTrivialProducer.h>
#include <vtkUnstructuredGrid.h>

#include <algorithm>

#include "apps/draw/colours.h"
#include "io/vtk_grid.h"

namespace cotan {
namespace {

constexpr const char* kValues = "values";

vtkSmartPointer<vtkDoubleArray> array_of(const HostField& field, int components, const char* name) {
  auto array = vtkSmartPointer<vtkDoubleArray>::New();
  array->SetName(name);
  array->SetNumberOfComponents(components);
  const int given = field.spec.components;
  const auto rows = std::ssize(field.values) / given;
  array->SetNumberOfTuples(rows);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (int c = 0; c < components; ++c) array->SetComponent(i, c, c < given ? field.values[i * given + c] : 0);
  }
  return array;
}

vtkSmartPointer<vtkUnstructuredGrid> grid_of(const Panel& panel) {
  const VtkGrid arrays =
      grid_from_mesh(panel.points.empty() ? *panel.mesh : panel.mesh->with_points(panel.points, {.geometry = false}));
  auto grid = vtkSmartPointer<vtkUnstructuredGrid>::New();
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  points->SetNumberOfPoints(std::ssize(arrays.points) / 3);
  for (std::int64_t i = 0; i < points->GetNumberOfPoints(); ++i) points->SetPoint(i, &arrays.points[3 * i]);
  grid->SetPoints(points);
  grid->Allocate(std::ssize(arrays.types));
  std::vector<vtkIdType> nodes;
  for (std::size_t c = 0; c < arrays.types.size(); ++c) {
    nodes.assign(arrays.connectivity.begin() + arrays.offsets[c], arrays.connectivity.begin() + arrays.offsets[c + 1]);
    grid->InsertNextCell(arrays.types[c], std::ssize(nodes), nodes.data());
  }
  const auto values = array_of(panel.values, 1, kValues);
  if (panel.values.spec.on == On::cells) {
    grid->GetCellData()->SetScalars(values);
  } else {
    grid->GetPointData()->SetScalars(values);
  }
  if (!panel.arrows.values.empty()) grid->GetPointData()->SetVectors(array_of(panel.arrows, 3, "arrows"));
  return grid;
}

void add_surface(vtkRenderer* renderer, vtkAlgorithmOutput* from, On on, const ColourScale& scale,
                 const PictureLook& look) {
  vtkNew<vtkDataSetMapper> mapper;
  mapper->SetInputConnection(from);
  if (on == On::cells) {
    mapper->SetScalarModeToUseCellData();
  } else {
    mapper->SetScalarModeToUsePointData();
  }
  mapper->SetLookupTable(colour_function(scale));
  mapper->UseLookupTableScalarRangeOn();
  mapper->SetInterpolateScalarsBeforeMapping(on == On::cells ? 0 : 1);
  vtkNew<vtkActor> actor;
  actor->SetMapper(mapper);
  actor->GetProperty()->SetLighting(!look.is_flat);
  actor->GetProperty()->SetAmbient(0.35);
  actor->GetProperty()->SetDiffuse(0.65);
  actor->GetProperty()->SetEdgeVisibility(look.edges);
  actor->GetProperty()->SetEdgeColor(0.15, 0.15, 0.15);
  actor->GetProperty()->SetLineWidth(look.edges ? 0.6f : 3);  // lines themselves where cells are lines
  renderer->AddViewProp(actor);
}

// One at each point of a fine mesh would cover it: one for so many pixels of a panel.
void add_arrows(vtkRenderer* renderer, vtkAlgorithmOutput* from, const PictureLook& look) {
  const Sight sight = sight_of(look);
  const double pixels = look.width * look.width * (sight.width > 0 ? sight.height / sight.width : 1);
  vtkNew<vtkMaskPoints> few;
  few->SetInputConnection(from);
  few->SetMaximumNumberOfPoints(std::max<vtkIdType>(20, vtkIdType(pixels / 800)));
  few->RandomModeOn();
  few->SetRandomModeType(vtkMaskPoints::UNIFORM_SPATIAL_SURFACE);
  vtkNew<vtkArrowSource> arrow;
  vtkNew<vtkGlyph3D> glyphs;
  glyphs->SetInputConnection(few->GetOutputPort());
  glyphs->SetSourceConnection(arrow->GetOutputPort());
  glyphs->SetVectorModeToUseVector();
  glyphs->SetScaleModeToScaleByVector();
  glyphs->SetScaleFactor(look.arrow_scale);
  vtkNew<vtkPolyDataMapper> mapper;
  mapper->SetInputConnection(glyphs->GetOutputPort());
  mapper->ScalarVisibilityOff();
  vtkNew<vtkActor> actor;
  actor->SetMapper(mapper);
  actor->GetProperty()->SetColor(0.1, 0.1, 0.1);
  renderer->AddViewProp(actor);
}

}  // namespace

vtkSmartPointer<vtkRenderer> view_of(const Panel& panel, const ColourScale& scale, const PictureLook& look) {
  auto renderer = vtkSmartPointer<vtkRenderer>::New();
  renderer->SetBackground(1, 1, 1);
  vtkNew<vtkCutter> cut;
  vtkNew<vtkPlane> plane;
  const auto grid = grid_of(panel);
  vtkNew<vtkTrivialProducer> whole;
  whole->SetOutput(grid);
  vtkAlgorithmOutput* from = whole->GetOutputPort();
  if (look.slice) {
    std::array<double, 3> normal{}, origin{};
    normal[look.slice->axis] = 1;
    origin[look.slice->axis] = look.slice->at;
    plane->SetNormal(normal.data());
    plane->SetOrigin(origin.data());
    cut->SetInputConnection(from);
    cut->SetCutFunction(plane);
    from = cut->GetOutputPort();
  }
  add_surface(renderer, from, panel.values.spec.on, scale, look);
  if (!panel.arrows.values.empty()) add_arrows(renderer, from, look);
  return renderer;
}

}  // namespace cotan
