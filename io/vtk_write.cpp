#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkCommand.h>
#include <vtkDoubleArray.h>
#include <vtkErrorCode.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkIntArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkSmartPointer.h>
#include <vtkTypeInt32Array.h>
#include <vtkTypeInt64Array.h>
#include <vtkUnsignedCharArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLUnstructuredGridWriter.h>

#include <algorithm>
#include <limits>

#include "core/check.h"
#include "core/files.h"
#include "io/vtk.h"
#include "io/vtk_xml.h"

namespace cotan {
namespace {

// Holds values of the caller's, which VTK only reads: nothing is copied.
template <class Array, class Value>
vtkSmartPointer<Array> view(std::span<const Value> values, int components, const char* name) {
  auto array = vtkSmartPointer<Array>::New();
  array->SetName(name);
  array->SetNumberOfComponents(components);
  array->SetArray(const_cast<Value*>(values.data()), std::ssize(values), 1);
  return array;
}

vtkSmartPointer<vtkPoints> points_of(const Mesh& mesh, std::vector<double>& padded) {
  std::span<const double> points = mesh.points();
  if (mesh.dim() < 3) {
    padded.assign(std::size_t(mesh.num_points()) * 3, 0);
    for (std::size_t i = 0; i < points.size(); ++i) padded[i / mesh.dim() * 3 + i % mesh.dim()] = points[i];
    points = padded;
  }
  auto out = vtkSmartPointer<vtkPoints>::New();
  out->SetData(view<vtkDoubleArray>(points, 3, "Points"));
  return out;
}

// 32-bit cells where they will do: half the file.
vtkSmartPointer<vtkCellArray> cells_of(const Mesh& mesh, std::vector<std::int32_t>& narrow,
                                       std::vector<std::int64_t>& wide) {
  auto out = vtkSmartPointer<vtkCellArray>::New();
  const auto& [offsets, links] = mesh.cells();
  if (links.size() < std::numeric_limits<std::int32_t>::max()) {
    narrow.assign(offsets.begin(), offsets.end());
    out->SetData(view<vtkTypeInt32Array>(std::span<const std::int32_t>(narrow), 1, "offsets"),
                 view<vtkTypeInt32Array>(std::span<const std::int32_t>(links), 1, "connectivity"));
  } else {
    wide.assign(links.begin(), links.end());
    auto from = vtkSmartPointer<vtkTypeInt64Array>::New(), to = vtkSmartPointer<vtkTypeInt64Array>::New();
    from->SetNumberOfValues(std::ssize(offsets));
    to->SetNumberOfValues(std::ssize(wide));
    std::copy(offsets.begin(), offsets.end(), from->GetPointer(0));
    std::copy(wide.begin(), wide.end(), to->GetPointer(0));
    out->SetData(from, to);
  }
  return out;
}

void add_set(vtkFieldData* to, const std::string& name, const std::vector<Index>& members, Index size) {
  vtkNew<vtkUnsignedCharArray> array;
  array->SetName(xml_escaped("set:" + name).c_str());
  array->SetNumberOfValues(size);
  array->Fill(0);
  for (const Index i : members) array->SetValue(i, 1);
  to->AddArray(array);
}

void add_sets(vtkUnstructuredGrid* grid, const Mesh& mesh) {
  const MeshData& data = mesh.data();
  for (const auto& [name, points] : data.point_sets) add_set(grid->GetPointData(), name, points, mesh.num_points());
  for (const auto& [name, cells] : data.cell_sets) add_set(grid->GetCellData(), name, cells, mesh.num_cells());
  for (const auto& [name, facets] : data.facet_sets) {
    vtkNew<vtkIntArray> array;
    array->SetName(xml_escaped("facets:" + name).c_str());
    array->SetNumberOfComponents(2);
    for (const Facet& facet : facets) array->InsertNextTuple2(facet.cell, facet.local);
    grid->GetFieldData()->AddArray(array);
  }
  for (const auto& [name, number] : data.numbers) {
    vtkNew<vtkIntArray> array;
    array->SetName(xml_escaped("number:" + name).c_str());
    array->InsertNextValue(number);
    grid->GetFieldData()->AddArray(array);
  }
}

void add_field(vtkUnstructuredGrid* grid, const Mesh& mesh, const HostField& field) {
  const auto& spec = field.spec;
  if (spec.on == On::dofs) throw Error("field " + spec.name + ": VTU has no degrees of freedom");
  const std::int64_t rows = spec.on == On::points ? mesh.num_points() : spec.on == On::cells ? mesh.num_cells() : 1;
  const std::int64_t size = std::ssize(field.values);
  check_shape(std::span(&size, 1), {rows * spec.components}, spec.name);
  vtkFieldData* to = spec.on == On::points  ? grid->GetPointData()
                     : spec.on == On::cells ? static_cast<vtkFieldData*>(grid->GetCellData())
                                            : grid->GetFieldData();
  to->AddArray(view<vtkDoubleArray>(std::span(field.values), spec.components, xml_escaped(spec.name).c_str()));
}

class FirstError : public vtkCommand {
 public:
  static FirstError* New() { return new FirstError; }
  void Execute(vtkObject*, unsigned long, void*) override { failed = true; }
  bool failed = false;
};

}  // namespace

void write_vtu(const std::filesystem::path& path, const Snapshot& snapshot) {
  const Mesh& mesh = snapshot.mesh;
  std::vector<double> padded;  // these outlive the grid, which looks at them
  std::vector<std::int32_t> narrow;
  std::vector<std::int64_t> wide;
  std::vector<unsigned char> types;
  types.reserve(mesh.num_cells());
  for (const CellType type : mesh.types()) types.push_back(static_cast<unsigned char>(shape(type).vtk));
  vtkNew<vtkUnstructuredGrid> grid;
  grid->SetPoints(points_of(mesh, padded));
  grid->SetCells(view<vtkUnsignedCharArray>(std::span<const unsigned char>(types), 1, "types"),
                 cells_of(mesh, narrow, wide));
  add_sets(grid, mesh);
  for (const auto& field : snapshot.fields) add_field(grid, mesh, field);
  vtkNew<vtkDoubleArray> time;
  time->SetName("TimeValue");
  time->InsertNextValue(snapshot.time);
  grid->GetFieldData()->AddArray(time);

  StagedFile staged(path);
  vtkNew<FirstError> errors;
  vtkNew<vtkXMLUnstructuredGridWriter> writer;
  writer->AddObserver(vtkCommand::ErrorEvent, errors);
  writer->GetExecutive()->AddObserver(vtkCommand::ErrorEvent, errors);  // a full disk is noticed there only
  writer->SetFileName(staged.path().c_str());
  writer->SetInputData(grid);
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetHeaderTypeToUInt64();
  writer->SetCompressorTypeToNone();  // deflate at its fastest takes four times as long, to save half of the disk
  const bool written = writer->Write() == 1 && !errors->failed && writer->GetErrorCode() == vtkErrorCode::NoError;
  COTAN_REQUIRE(written, path.string() << ": cannot be written: "
                                       << vtkErrorCode::GetStringFromErrorCode(writer->GetErrorCode()));
  staged.commit(/*flush_to_disk=*/false);
}

}  // namespace cotan
