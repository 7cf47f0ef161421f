#pragma once
#include <filesystem>
#include <string_view>
#include <vector>

#include "io/grid_content.h"

class vtkDataArray;
class vtkFieldData;
class vtkXMLReader;

namespace cotan {

// What the readers of VTK's XML files share. Nothing of it knows a mesh yet.

/// A VTU or VTP file, by its extension, behind check_vtu and check_vtp (io/vtk_xml.h). Poly-lines and poly-vertices of
/// a VTP file become lines and vertices, each with the values of its cell. \throw InputError naming the file
GridContent read_vtk_content(const std::filesystem::path& path);
GridContent read_vtu_content(const std::filesystem::path& path);
GridContent read_vtp_content(const std::filesystem::path& path);

/// Lets VTK read. \throw InputError with the first error that it would print
void run_vtk_reader(vtkXMLReader* reader, const std::filesystem::path& path);
/// (tuples, components)
std::vector<double> vtk_doubles(vtkDataArray* array);
/// One number a tuple. \throw InputError: several, or not whole
std::vector<std::int64_t> vtk_integers(vtkDataArray* array, std::string_view name);
/// Texts and arrays without a name are left out.
std::vector<GridArray> vtk_arrays(vtkFieldData* arrays);

}  // namespace cotan
