#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/foam_mesh.h"

namespace cotan {

/// Where things of an OpenFOAM case are.
struct FoamCase {
  struct Time {
    double value;  ///< [s]
    std::filesystem::path folder;
  };
  std::filesystem::path path;      ///< as it was named
  std::filesystem::path constant;  ///< the folder that has polyMesh in it
  std::vector<Time> times;         ///< increasing; none where a polyMesh folder was named
};
/// Whether that is a case: a folder with constant/polyMesh (or processor0), a .foam or .OpenFOAM file in it, or a
/// polyMesh folder itself.
bool is_foam_case(const std::filesystem::path& path);
/// \pre is_foam_case(path) \throw InputError: a decomposed case, several regions, two folders of one time
FoamCase find_foam_case(const std::filesystem::path& path);

/// What OpenFOAM's classes of fields are: "volVectorField" is a vector on cells. Nothing for those on faces and others.
struct FoamClass {
  On on;
  FoamKind kind;
};
std::optional<FoamClass> foam_class(const std::string& name);

/// A field of a time folder.
struct FoamField {
  FoamClass about;
  std::string unit;            ///< "m/s"; empty where it has none
  std::vector<double> values;  ///< (file's rows, components)
};
/// The inner field of a file. \throw InputError naming the file and line
FoamField read_foam_field(FoamFile& file, FoamClass about, Index points, Index cells);

/// Names of the files of a time folder that may be fields, without .gz.
std::vector<std::string> foam_field_names(const std::filesystem::path& folder);

}  // namespace cotan
