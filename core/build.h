#pragma once
#include <span>
#include <string_view>

namespace cotan {

/// An optional part of the program, as cmake/Dependencies.cmake names them: COTAN_VTK is "vtk".
struct Feature {
  std::string_view name;
  bool is_there;
};
std::span<const Feature> build_features();
/// "" is always there. \throw std::logic_error for a name that is none
bool has_feature(std::string_view name);

}  // namespace cotan
