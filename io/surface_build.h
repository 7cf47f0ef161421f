#pragma once
#include <array>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/mesh_content.h"
#include "io/source.h"
#include "mesh/mesh.h"

namespace cotan {

/// Collects the points and faces of a surface.
class SurfaceBuilder {
 public:
  explicit SurfaceBuilder(const Source& source) : source_(source) {}

  Index num_points() const { return Index(points_.size() / 3); }
  /// \throw InputError: not finite
  void add_point(const std::array<double, 3>& x);
  /// The number of an equal point, added where there is none.
  Index joined_point(const std::array<double, 3>& x);
  /// Its corners are checked by build(). \throw InputError: not 3 or 4 of them
  void add_face(const std::vector<std::int64_t>& corners);
  /// Faces from here on belong to this cell set; an empty name: to none of this kind.
  void set_group(const std::string& kind, const std::string& name) { groups_[kind] = name; }
  HostField& add_field(const std::string& name, On on);
  /// Checks the corners, leaves out what is no face, and builds. `joined`: how many points stood in the file
  MeshContent build(std::size_t joined = 0);

 private:
  struct Face {
    std::array<Index, 4> corners;
    int count, group;
  };
  bool is_face(const Face& face) const;
  int group_number();

  const Source& source_;
  std::vector<double> points_;
  std::vector<Face> faces_;
  std::map<std::string, std::string> groups_;
  std::map<std::vector<std::string>, int> group_numbers_;
  std::vector<std::vector<std::string>> group_names_;
  std::vector<HostField> fields_;
  struct Hash {
    std::size_t operator()(const std::array<double, 3>& x) const;
  };
  std::unordered_map<std::array<double, 3>, Index, Hash> known_;
};

}  // namespace cotan
