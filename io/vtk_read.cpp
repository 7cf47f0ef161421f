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

#include <cmath>

#include "core/check.h"
#include "core/files.h"
#include "io/grid_pieces.h"
#include "io/mesh_io.h"
#include "io/vtk.h"
#include "io/vtk_contents.h"
#include "io/vtk_xml.h"
#include "io/with_name.h"

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

constexpr double kMostIndex = 9007199254740992.0;  // 2^53: GetComponent gives doubles

// A value that a file may keep as a floating-point number.
std::int64_t whole_number(double value, double most, std::string_view name) {
  COTAN_REQUIRE(std::abs(value) <= most && value == std::floor(value),
                "array '" << name << "': found " << value << ", expected whole numbers of at most " << most);
  return static_cast<std::int64_t>(value);
}

VtkGrid grid_of(vtkUnstructuredGrid* grid) {
  VtkGrid out;
  COTAN_REQUIRE(grid->GetPoints() && grid->GetCells(), "no points or cells can be read: the file is corrupt");
  out.points = vtk_doubles(grid->GetPoints()->GetData());
  if (const auto* types = grid->GetCellTypesArray()) {
    for (vtkIdType i = 0; i < types->GetNumberOfValues(); ++i) out.types.push_back(types->GetValue(i));
  }
  out.offsets = vtk_integers(grid->GetCells()->GetOffsetsArray(), "offsets");
  out.connectivity = vtk_integers(grid->GetCells()->GetConnectivityArray(), "connectivity");
  return out;
}

Snapshot snapshot_of(GridContent grid, std::vector<std::string>* notes) {
  MeshContent content = content_from_grid(std::move(grid));
  if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
  Mesh mended = mend_and_build(std::move(content.mesh), &content.fields, notes);
  return {std::move(mended), std::move(content.fields), content.time};
}

}  // namespace

std::vector<double> vtk_doubles(vtkDataArray* array) {
  const vtkIdType tuples = array->GetNumberOfTuples();
  const int components = array->GetNumberOfComponents();
  std::vector<double> out(tuples * components);
  for (vtkIdType i = 0; i < tuples; ++i) array->GetTuple(i, out.data() + i * components);
  return out;
}

std::vector<std::int64_t> vtk_integers(vtkDataArray* array, std::string_view name) {
  COTAN_REQUIRE(array->GetNumberOfComponents() == 1,
                "array '" << name << "': " << array->GetNumberOfComponents() << " components, expected 1");
  std::vector<std::int64_t> out(array->GetNumberOfTuples());
  for (vtkIdType i = 0; i < std::ssize(out); ++i) out[i] = whole_number(array->GetComponent(i, 0), kMostIndex, name);
  return out;
}

std::vector<GridArray> vtk_arrays(vtkFieldData* arrays) {
  std::vector<GridArray> out;
  for (int i = 0; i < arrays->GetNumberOfArrays(); ++i) {
    vtkDataArray* array = arrays->GetArray(i);
    if (array && array->GetName())
      out.push_back({array->GetName(), array->GetNumberOfComponents(), vtk_doubles(array)});
  }
  return out;
}

void run_vtk_reader(vtkXMLReader* reader, const std::filesystem::path& path) {
  vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);  // what VTK finds wrong goes into our messages
  vtkNew<FirstError> errors;
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
  COTAN_REQUIRE(errors->text().empty() && reader->GetErrorCode() == 0 && reader->GetOutputAsDataSet(),
                path.string() << ": VTK cannot read it: " << plain(errors->text()));
}

GridContent read_vtu_content(const std::filesystem::path& path) {
  check_vtu(path);
  vtkNew<vtkXMLUnstructuredGridReader> reader;
  run_vtk_reader(reader, path);
  vtkUnstructuredGrid* grid = reader->GetOutput();
  return {grid_of(grid), vtk_arrays(grid->GetPointData()), vtk_arrays(grid->GetCellData()),
          vtk_arrays(grid->GetFieldData())};
}

GridContent read_vtk_content(const std::filesystem::path& path) {
  return with_name(path.string(),
                   [&] { return lower_extension(path) == ".vtp" ? read_vtp_content(path) : read_vtu_content(path); });
}

Snapshot read_vtu(const std::filesystem::path& path, std::vector<std::string>* notes) {
  return with_name(path.string(), [&] { return snapshot_of(read_vtk_content(path), notes); });
}

Snapshot read_vtp(const std::filesystem::path& path, std::vector<std::string>* notes) {
  return read_vtu(path, notes);
}

Snapshot read_vtk_parts(std::span<const std::filesystem::path> files, std::vector<std::string>* notes) {
  std::vector<GridContent> parts;
  for (const auto& file : files) {
    if (lower_extension(file) != ".pvtu") {
      parts.push_back(read_vtk_content(file));
      continue;
    }
    for (const auto& piece : read_pvtu_list(file)) parts.push_back(read_vtk_content(piece));
  }
  return with_name(files.front().string(), [&] { return snapshot_of(join_grids(std::move(parts), notes), notes); });
}

Snapshot read_pvtu(const std::filesystem::path& path, std::vector<std::string>* notes) {
  return read_vtk_parts(std::span(&path, 1), notes);
}

}  // namespace cotan
