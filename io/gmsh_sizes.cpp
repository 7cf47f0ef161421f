#include "io/gmsh_sizes.h"

#include <gmsh.h>

#include <charconv>
#include <cmath>
#include <sstream>

#include "core/check.h"

namespace cotan {
namespace {

namespace fields = gmsh::model::mesh::field;
using Entities = std::vector<std::pair<int, int>>;  // (dimension, tag)
constexpr std::array kKinds = {"point_", "curve_", "surface_"};
constexpr int kSamples = 200;  // of a curve, between which the distance to it is measured

std::vector<double> tags_of(const Entities& entities, int dim) {
  std::vector<double> out;
  for (const auto& [entity_dim, tag] : entities)
    if (entity_dim == dim) out.push_back(tag);
  return out;
}

// "curve_5" -> (1, 5)
std::optional<std::pair<int, int>> numbered(const std::string& name) {
  for (int dim = 0; dim < 3; ++dim) {
    const std::string kind = kKinds[std::size_t(dim)];
    int tag = 0;
    if (!name.starts_with(kind)) continue;
    const auto [end, error] = std::from_chars(name.data() + kind.size(), name.data() + name.size(), tag);
    if (error == std::errc{} && end == name.data() + name.size()) return std::pair(dim, tag);
  }
  return std::nullopt;
}

// The entities of groups with that name, or the one that the name numbers.
Entities entities_of(const std::string& name) {
  Entities groups, out, all;
  std::vector<std::string> names;
  gmsh::model::getPhysicalGroups(groups);
  for (const auto& [dim, tag] : groups) {
    std::string group;
    gmsh::model::getPhysicalName(dim, tag, group);
    if (group.empty()) group = "physical_" + std::to_string(tag);
    names.push_back(group);
    if (group != name) continue;
    std::vector<int> tags;
    gmsh::model::getEntitiesForPhysicalGroup(dim, tag, tags);
    for (const int each : tags) out.emplace_back(dim, each);
  }
  if (!out.empty()) return out;
  gmsh::model::getEntities(all);
  if (const auto found = numbered(name); found && std::count(all.begin(), all.end(), *found)) return {*found};
  for (int dim = 0; dim < 3; ++dim) {
    const auto count = tags_of(all, dim).size();
    if (count > 0) names.push_back(kKinds[std::size_t(dim)] + std::string("N (") + std::to_string(count) + " of them)");
  }
  throw InputError(unknown_name("group", name, names));
}

int add_field(const std::string& type) {
  return fields::add(type);
}

// min(at, ...) grows with the distance from the entities.
int add_growing_size(const Entities& entities, double at, double grading) {
  const int distance = add_field("Distance");
  constexpr std::array lists = {"PointsList", "CurvesList", "SurfacesList"};
  for (int dim = 0; dim < 3; ++dim)
    if (const auto tags = tags_of(entities, dim); !tags.empty())
      fields::setNumbers(distance, lists[std::size_t(dim)], tags);
  fields::setNumber(distance, "NumPointsPerCurve", kSamples);
  const int size = add_field("MathEval");
  std::ostringstream formula;
  formula.precision(17);
  formula << at << " + " << grading << " * F" << distance;
  fields::setString(size, "F", formula.str());
  return size;
}

void set_background(const GmshOptions& options) {
  std::vector<double> all;
  for (const auto& [name, size] : options.sizes) {
    COTAN_REQUIRE(size > 0 && std::isfinite(size), "sizes: " << name << ": " << size << ", expected one above 0 [m]");
    all.push_back(add_growing_size(entities_of(name), size, options.grading));
  }
  if (!all.empty()) {
    const int least = add_field("Min");
    fields::setNumbers(least, "FieldsList", all);
    fields::setAsBackgroundMesh(least);
  }
  if (options.size_at) {  // the least of all that is said counts
    gmsh::model::mesh::setSizeCallback([at = options.size_at](int, int, double x, double y, double z, auto...) {
      return at({x, y, z});
    });
  }
  if (options.curvature > 0) gmsh::option::setNumber("Mesh.MeshSizeFromCurvature", options.curvature);
}

void set_layer(const GmshLayer& layer, int dim) {
  COTAN_REQUIRE(dim == 2, "boundary_layer: for meshes of the plane, the cells here have dimension " << dim);
  COTAN_REQUIRE(layer.first > 0 && layer.ratio >= 1 && layer.thickness > layer.first,
                "boundary_layer: expected first above 0, ratio at least 1 and thickness above first; found "
                    << layer.first << ", " << layer.ratio << ", " << layer.thickness);
  Entities curves, ends, fans;
  for (const auto& name : layer.on) {
    for (const auto& entity : entities_of(name))
      if (entity.first == 1) curves.push_back(entity);
  }
  COTAN_REQUIRE(!curves.empty(), "boundary_layer: `on` names no curves");
  gmsh::model::getBoundary(curves, ends, true, false, false);
  for (const auto& name : layer.fans)
    for (const auto& entity : entities_of(name)) fans.push_back(entity);
  const int field = add_field("BoundaryLayer");
  fields::setNumbers(field, "CurvesList", tags_of(curves, 1));
  if (const auto tags = tags_of(ends, 0); !tags.empty()) fields::setNumbers(field, "PointsList", tags);
  if (const auto tags = tags_of(fans, 0); !tags.empty()) fields::setNumbers(field, "FanPointsList", tags);
  fields::setNumber(field, "Size", layer.first);
  fields::setNumber(field, "Ratio", layer.ratio);
  fields::setNumber(field, "Thickness", layer.thickness);
  fields::setNumber(field, "Quads", layer.quads ? 1 : 0);
  fields::setAsBoundaryLayer(field);
}

}  // namespace

void apply_gmsh_sizes(const GmshOptions& options, int dim) {
  set_background(options);
  if (options.layer) set_layer(*options.layer, dim);
  COTAN_REQUIRE(options.cells == GmshCells::as_made || dim >= 2, "cells: quads and hexes need a surface or a volume");
  if (options.cells == GmshCells::as_made) return;
  COTAN_REQUIRE(options.cells == GmshCells::quads || dim == 3,
                "cells: hexes fill a volume, the cells here have dimension " << dim);
  COTAN_REQUIRE(options.cells == GmshCells::hexes || dim == 2,
                "cells: quads make a surface, the cells here have dimension " << dim);
  gmsh::option::setNumber("Mesh.SubdivisionAlgorithm", options.cells == GmshCells::quads ? 1 : 2);
  if (options.cells == GmshCells::quads) gmsh::option::setNumber("Mesh.RecombineAll", 1);
}

}  // namespace cotan
