#include "core/build.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "build_config.h"

namespace cotan {
namespace {

constexpr std::array<Feature, 5> kFeatures = {{
    {"gpl", COTAN_HAS_GPL == 1},
    {"vtk", COTAN_HAS_VTK == 1},
    {"hdf5", COTAN_HAS_HDF5 == 1},
    {"metis", COTAN_HAS_METIS == 1},
    {"mpi", COTAN_HAS_MPI == 1},
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
