#pragma once
#include <string>
#include <vector>

#include "core/types.h"
#include "mesh/mesh.h"

namespace cotan {

/// What a field is.
struct FieldSpec {
  std::string name;
  int components = 1;
  On on = On::points;
  std::string unit = {};  ///< "m/s"; empty where unknown
  bool operator==(const FieldSpec&) const = default;
};

/// A field's values on the host at one time or many.
struct HostField {
  FieldSpec spec;
  std::vector<double> values;  ///< (rows, components), or (times, rows, components); row-major
};

/// A mesh with fields at one time: what a picture file holds.
struct Snapshot {
  Mesh mesh;
  std::vector<HostField> fields;
  double time = 0;  ///< [s]
};

}  // namespace cotan
