#pragma once
// Writes solids as OpenFOAM's files, for tests: text or binary, with labels and scalars of 32 or 64 bits.
#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "io/foam_file.h"
#include "mesh/mesh.h"

namespace cotan::testing_foam {

using Face = std::vector<Index>;
/// Cells by their faces, right-handed outward.
struct Solid {
  std::vector<std::array<double, 3>> points;
  std::vector<std::vector<Face>> cells;
};
struct Encoding {
  bool binary = false;
  int label = 32, scalar = 64;  ///< bits
};
using Files = std::map<std::string, std::string>;
/// The name and type of the patch that a face of the boundary is in, by its centre: "inlet patch".
using PatchOf = std::function<std::string(const std::array<double, 3>& centre)>;

inline Solid solid_of(const Mesh& mesh) {
  Solid solid;
  for (Index p = 0; p < mesh.num_points(); ++p)
    solid.points.push_back({mesh.point(p)[0], mesh.point(p)[1], mesh.point(p)[2]});
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    solid.cells.emplace_back();
    for (int f = 0; f < int(shape(mesh.type(c)).facets.size()); ++f)
      solid.cells.back().push_back(facet_corners(mesh, {c, f}));
  }
  return solid;
}

/// Several cells taken as one: the faces between them go. \param one_of (cells): the number of the new cell
inline Solid joined(const Solid& solid, const std::vector<Index>& one_of) {
  Solid out{solid.points,
            std::vector<std::vector<Face>>(std::size_t(*std::max_element(one_of.begin(), one_of.end())) + 1)};
  std::map<Face, std::vector<Index>> users;
  const auto key = [](Face face) { return std::sort(face.begin(), face.end()), face; };
  for (std::size_t c = 0; c < solid.cells.size(); ++c)
    for (const Face& face : solid.cells[c]) users[key(face)].push_back(one_of[c]);
  for (std::size_t c = 0; c < solid.cells.size(); ++c) {
    for (const Face& face : solid.cells[c]) {
      const auto& both = users[key(face)];
      if (both.size() == 1 || both[0] != both[1]) out.cells[std::size_t(one_of[c])].push_back(face);
    }
  }
  return out;
}

/// Polygons of the plane as prisms from 0 to `height` along `axis`; the plane's axes are the other two in their order.
inline Solid prisms(const std::vector<std::array<double, 2>>& points, const std::vector<Face>& polygons, int axis,
                    double height) {
  Solid solid;
  const auto n = Index(points.size());
  for (const double h : {0.0, height}) {
    for (const auto& p : points) {
      std::array<double, 3> x{};
      for (int k = 0, at = 0; k < 3; ++k) x[std::size_t(k)] = k == axis ? h : p[std::size_t(at++)];
      solid.points.push_back(x);
    }
  }
  for (Face polygon : polygons) {
    if (axis == 1) std::reverse(polygon.begin(), polygon.end());  // x and z are left-handed about y
    Face top;
    for (const Index p : polygon) top.push_back(p + n);
    std::vector<Face> cell = {Face(polygon.rbegin(), polygon.rend()), top};
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const Index a = polygon[i], b = polygon[(i + 1) % polygon.size()];
      cell.push_back({a, b, b + n, a + n});
    }
    solid.cells.push_back(cell);
  }
  return solid;
}

inline std::string header(const std::string& kind, const Encoding& encoding = {}, const std::string& object = "x") {
  return "/* a comment */\nFoamFile\n{\n    version     2.0;\n    format      " +
         std::string(encoding.binary ? "binary" : "ascii") +
         ";\n    arch \"LSB;label=" + std::to_string(encoding.label) + ";scalar=" + std::to_string(encoding.scalar) +
         "\";\n    class       " + kind + ";\n    object      " + object + ";\n}\n// * * * //\n\n";
}

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

inline std::string labels(const std::vector<Index>& values, const Encoding& encoding) {
  std::string out = std::to_string(values.size()) + "\n(";
  for (const Index v : values)
    out += !encoding.binary       ? std::to_string(v) + "\n"
           : encoding.label == 64 ? raw(std::int64_t(v))
                                  : raw(std::int32_t(v));
  return out + ")\n";
}

/// (rows, components) numbers as a list.
inline std::string scalars(const std::vector<double>& values, int components, const Encoding& encoding) {
  std::ostringstream out;
  out << std::setprecision(17) << values.size() / std::size_t(components) << "\n(";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (encoding.binary) {
      out << (encoding.scalar == 64 ? raw(values[i]) : raw(float(values[i])));
      continue;
    }
    const bool first = i % std::size_t(components) == 0, last = (i + 1) % std::size_t(components) == 0;
    out << (components > 1 && first ? "(" : "") << values[i] << (components > 1 && last ? ")\n" : " ");
  }
  return out.str() + ")\n";
}

inline std::string faces_text(const std::vector<Face>& faces, const Encoding& encoding) {
  if (encoding.binary) {
    std::vector<Index> offsets = {0}, links;
    for (const Face& face : faces) {
      links.insert(links.end(), face.begin(), face.end());
      offsets.push_back(Index(links.size()));
    }
    return header("faceCompactList", encoding) + labels(offsets, encoding) + labels(links, encoding);
  }
  std::string out = header("faceList", encoding) + std::to_string(faces.size()) + "\n(\n";
  for (const Face& face : faces) {
    out += std::to_string(face.size()) + "(";
    for (std::size_t i = 0; i < face.size(); ++i) out += (i ? " " : "") + std::to_string(face[i]);
    out += ")\n";
  }
  return out + ")\n";
}

inline Files poly_mesh_files(const Solid& solid, const PatchOf& patch_of, const Encoding& encoding = {}) {
  struct Side {
    Face face;
    Index owner, neighbour = -1;
  };
  std::map<Face, std::size_t> known;
  std::vector<Side> sides;
  for (Index c = 0; c < Index(solid.cells.size()); ++c) {
    for (const Face& face : solid.cells[std::size_t(c)]) {
      Face key = face;
      std::sort(key.begin(), key.end());
      const auto [found, is_new] = known.try_emplace(key, sides.size());
      is_new ? sides.push_back({face, c}) : void(sides[found->second].neighbour = c);
    }
  }
  std::map<std::string, std::vector<Side>> patches;
  std::vector<Face> faces;
  std::vector<Index> owner, neighbour;
  for (const Side& side : sides) {
    if (side.neighbour >= 0) {
      faces.push_back(side.face);
      owner.push_back(side.owner);
      neighbour.push_back(side.neighbour);
      continue;
    }
    std::array<double, 3> centre{};
    for (const Index p : side.face)
      for (std::size_t k = 0; k < 3; ++k) centre[k] += solid.points[std::size_t(p)][k] / double(side.face.size());
    patches[patch_of(centre)].push_back(side);
  }
  std::string boundary = header("polyBoundaryMesh") + std::to_string(patches.size()) + "\n(\n";
  for (const auto& [name, members] : patches) {
    const auto space = name.find(' ');
    boundary += "    " + name.substr(0, space) + "\n    {\n        type " + name.substr(space + 1) +
                ";\n        inGroups 1(some);\n        nFaces " + std::to_string(members.size()) +
                ";\n        startFace " + std::to_string(faces.size()) + ";\n    }\n";
    for (const Side& side : members) {
      faces.push_back(side.face);
      owner.push_back(side.owner);
    }
  }
  std::vector<double> points;
  for (const auto& p : solid.points) points.insert(points.end(), p.begin(), p.end());
  return {{"points", header("vectorField", encoding) + scalars(points, 3, encoding)},
          {"faces", faces_text(faces, encoding)},
          {"owner", header("labelList", encoding) + labels(owner, encoding)},
          {"neighbour", header("labelList", encoding) + labels(neighbour, encoding)},
          {"boundary", boundary + ")\n"}};
}

inline FoamFolder folder_of(const Files& files) {
  return [files](const std::string& name) -> std::optional<FoamFile> {
    const auto found = files.find(name);
    if (found == files.end()) return std::nullopt;
    return FoamFile(found->second, "polyMesh/" + name);
  };
}

inline void write_files(const Files& files, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const auto& [name, bytes] : files) write_file(folder / name, bytes);
}

/// A field's file. \param values behind "internalField": "uniform 1", "nonuniform List<scalar> 2(1 2)"
inline std::string field_file(const std::string& kind, const std::string& values, const Encoding& encoding = {}) {
  return header(kind, encoding) + "dimensions [0 1 -1 0 0 0 0];\n\ninternalField " + values +
         ";\n\nboundaryField\n{\n    wall { type zeroGradient; }\n}\n";
}

}  // namespace cotan::testing_foam
