#include "core/build.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace cotan {
namespace {

// -DCOTAN_VTK defines the macro as 1; without it the macro stands for its own name.
#define COTAN_TEXT(x) #x
#define COTAN_HAS(feature) (std::string_view(COTAN_TEXT(feature)) == "1")

constexpr std::array<Feature, 5> kFeatures = {{
    {"gpl", COTAN_HAS(COTAN_GPL)},
    {"vtk", COTAN_HAS(COTAN_VTK)},
    {"hdf5", COTAN_HAS(COTAN_HDF5)},
    {"metis", COTAN_HAS(COTAN_METIS)},
    {"mpi", COTAN_HAS(COTAN_MPI)},
}};

}  // namespace

std::span<const Feature> build_features() {
  return kFeatures;
}

bool has_feature(std::string_view name) {
  if (name.empty()) return true;
  const auto row = std::find_if(kFeatures.begin(), kFeatures.end(), [&](const auto& f) { return f.name == name; });
  if (row == kFeatures.end()) throw std::logic_error("no feature is called '" + std::string(name) + "'");
  return row->is_there;
}

}  // namespace cotan
