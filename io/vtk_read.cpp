#include <vtkCellArray.h>
#include <vtkCellData.h>
#include <vtkCommand.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkLogger.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkUnsignedCharArray.h>
#include <vtkUnstructuredGrid.h>
#include <vtkXMLUnstructuredGridReader.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/check.h"
#include "io/mesh_io.h"
#include "io/vtk.h"
#include "io/vtk_grid.h"
#include "io/vtk_xml.h"

namespace cotan {
namespace {

/// Keeps the first error that VTK would print.
class FirstError : public vtkCommand {
 public:
  static FirstError* New() { return new FirstError; }
  void Execute(vtkObject*, unsigned long, void* data) override {
    if (text_.empty()) text_ = data ? static_cast<const char*>(data) : "unknown error";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// "ERROR: In FILE, line N\nvtkClass (0x…): what happened" -> "what happened"
std::string plain(const std::string& error) {
  const auto name_end = error.find("): ");
  std::string text = name_end == error.npos ? error : error.substr(name_end + 3);
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

std::vector<double> doubles_of(vtkDataArray* array) {
  const vtkIdType tuples = array->GetNumberOfTuples();
  const int components = array->GetNumberOfComponents();
  std::vector<double> out(tuples * components);
  for (vtkIdType i = 0; i < tuples; ++i) array->GetTuple(i, out.data() + i * components);
  return out;
}

// A value that a file may keep as a floating-point number.
std::int64_t whole_number(double value, double most, std::string_view name) {
  COTAN_REQUIRE(std::abs(value) <= most && value == std::floor(value),
                "array '" << name << "': found " << value << ", expected whole numbers of at most " << most);
  return static_cast<std::int64_t>(value);
}

// One number a tuple.
std::vector<std::int64_t> integers_of(vtkDataArray* array, double most, std::string_view name) {
  COTAN_REQUIRE(array->GetNumberOfComponents() == 1,
                "array '" << name << "': " << array->GetNumberOfComponents() << " components, expected 1");
  std::vector<std::int64_t> out(array->GetNumberOfTuples());
  for (vtkIdType i = 0; i < std::ssize(out); ++i) out[i] = whole_number(array->GetComponent(i, 0), most, name);
  return out;
}

constexpr double kMostIndex = 9007199254740992.0;  // 2^53: GetComponent gives doubles
constexpr double kMostNumber = std::numeric_limits<int>::max();

VtkGrid grid_of(vtkUnstructuredGrid* grid) {
  VtkGrid out;
  COTAN_REQUIRE(grid->GetPoints() && grid->GetCells(), "no points or cells can be read: the file is corrupt");
  out.points = doubles_of(grid->GetPoints()->GetData());
  if (const auto* types = grid->GetCellTypesArray()) {
    for (vtkIdType i = 0; i < types->GetNumberOfValues(); ++i) out.types.push_back(types->GetValue(i));
  }
  out.offsets = integers_of(grid->GetCells()->GetOffsetsArray(), kMostIndex, "offsets");
  out.connectivity = integers_of(grid->GetCells()->GetConnectivityArray(), kMostIndex, "connectivity");
  return out;
}

// Numbers of the physical groups, where another program left them on the cells.
std::vector<std::int64_t> tags_of(vtkUnstructuredGrid* grid) {
  for (const char* name : {"gmsh:physical", "medit:ref", "CellEntityIds"}) {
    if (auto* array = grid->GetCellData()->GetArray(name)) return integers_of(array, kMostNumber, name);
  }
  return {};
}

constexpr std::string_view kSet = "set:", kFacets = "facets:", kNumber = "number:";

std::vector<Index> members(vtkDataArray* array, const std::vector<Index>& rows) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (array->GetComponent(rows[i], 0) != 0) out.push_back(static_cast<Index>(i));
  }
  return out;
}

void read_facets(vtkDataArray* array, const std::string& name, const std::vector<Index>& new_cell, MeshData& data) {
  COTAN_REQUIRE(array->GetNumberOfComponents() == 2, "array 'facets:" << name << "': expected pairs (cell, side)");
  auto& facets = data.facet_sets[name];
  for (vtkIdType i = 0; i < array->GetNumberOfTuples(); ++i) {
    const double cell = array->GetComponent(i, 0), side = array->GetComponent(i, 1);
    COTAN_REQUIRE(cell >= 0 && cell < static_cast<double>(new_cell.size()) && new_cell[static_cast<Index>(cell)] >= 0,
                  "array 'facets:" << name << "': cell " << cell << " of " << new_cell.size());
    const Index row = new_cell[static_cast<Index>(cell)];
    COTAN_REQUIRE(side >= 0 && side < static_cast<double>(shape(data.types[row]).facets.size()),
                  "array 'facets:" << name << "': side " << side << " of a " << shape(data.types[row]).name);
    facets.push_back({row, static_cast<int>(side)});
  }
}

void read_rows(vtkFieldData* arrays, On on, const std::vector<Index>& rows, MeshData& data,
               std::vector<HostField>& fields) {
  for (int i = 0; i < arrays->GetNumberOfArrays(); ++i) {
    vtkDataArray* array = arrays->GetArray(i);
    if (!array || !array->GetName()) continue;  // texts
    const std::string name = array->GetName();
    if (name.starts_with(kSet)) {
      (on == On::points ? data.point_sets : data.cell_sets)[name.substr(kSet.size())] = members(array, rows);
      continue;
    }
    const auto components = array->GetNumberOfComponents();
    const std::vector<double> all = doubles_of(array);
    fields.push_back({{name, components, on, ""}, pick_rows(std::span(all), rows, components)});
  }
}

// Tables of several tuples are no fields.
void read_whole(vtkFieldData* arrays, const std::vector<Index>& new_cell, MeshData& data,
                std::vector<HostField>& fields, double& time) {
  for (int i = 0; i < arrays->GetNumberOfArrays(); ++i) {
    vtkDataArray* array = arrays->GetArray(i);
    if (!array || !array->GetName()) continue;
    const std::string name = array->GetName();
    if (name.starts_with(kFacets)) {
      read_facets(array, name.substr(kFacets.size()), new_cell, data);
    } else if (array->GetNumberOfTuples() != 1) {
      continue;
    } else if (name.starts_with(kNumber)) {
      data.numbers[name.substr(kNumber.size())] =
          static_cast<int>(whole_number(array->GetComponent(0, 0), kMostNumber, name));
    } else if (name == "TimeValue") {
      time = array->GetComponent(0, 0);
    } else {
      fields.push_back({{name, array->GetNumberOfComponents(), On::whole, ""}, doubles_of(array)});
    }
  }
}

Snapshot snapshot_of(vtkUnstructuredGrid* grid, std::vector<std::string>* notes) {
  const std::vector<std::int64_t> tags = tags_of(grid);
  GridMesh mesh = mesh_from_grid(grid_of(grid), {}, tags);
  std::vector<HostField> fields;
  double time = 0;
  std::vector<Index> point_rows(grid->GetNumberOfPoints());
  std::iota(point_rows.begin(), point_rows.end(), 0);
  read_rows(grid->GetPointData(), On::points, point_rows, mesh.data, fields);
  read_rows(grid->GetCellData(), On::cells, mesh.cell_rows, mesh.data, fields);
  read_whole(grid->GetFieldData(), inverse_rows(mesh.cell_rows, grid->GetNumberOfCells()), mesh.data, fields, time);
  Mesh mended = mend_and_build(std::move(mesh.data), &fields, notes);
  return {std::move(mended), std::move(fields), time};
}

}  // namespace

Snapshot read_vtu(const std::filesystem::path& path, std::vector<std::string>* notes) {
  check_vtu(path);
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);  // what VTK finds wrong goes into our messages
  vtkNew<FirstError> errors;
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  reader->SetReaderErrorObserver(errors);
  reader->SetParserErrorObserver(errors);
  reader->AddObserver(vtkCommand::ErrorEvent, errors);
  reader->GetExecutive()->AddObserver(vtkCommand::ErrorEvent, errors);
  reader->SetFileName(path.c_str());
  try {
    reader->Update();
  } catch (const std::exception& error) {
    throw InputError(path.string() + ": VTK cannot read it: corrupt (" + error.what() + ")");
  }
  COTAN_REQUIRE(errors->text().empty() && reader->GetErrorCode() == 0 && reader->GetOutput(),
                path.string() << ": VTK cannot read it: " << plain(errors->text()));
  try {
    return snapshot_of(reader->GetOutput(), notes);
  } catch (const InputError& error) {
    throw InputError(path.string() + ": " + error.what());
  }
}

}  // namespace cotan
