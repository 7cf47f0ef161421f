#include "apps/mesh_spec.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include "core/check.h"
#include "core/expression.h"
#include "io/gmsh.h"
#include "io/mesh_io.h"
#include "mesh/generate.h"
#include "mesh/locate.h"
#include "mesh/volume.h"

namespace cotan {
namespace {

using Parameters = std::map<std::string, double>;
using SizeAt = std::function<double(const std::array<double, 3>&)>;

Expression parse_formula(const Config& node, const std::vector<std::string>& names) {
  try {
    return Expression::parse(node.text(), names);
  } catch (const InputError& error) {
    throw InputError(node.where() + ": " + error.what());
  }
}

double positive(const Config& node, const char* about) {
  const double value = node.number();
  COTAN_REQUIRE(value > 0, node.where() << ": " << value << " is out of range (" << about << "; above 0)");
  return value;
}

void split(const Parameters& parameters, std::vector<std::string>& names, std::vector<double>& values) {
  for (const auto& [name, value] : parameters) {
    names.push_back(name);
    values.push_back(value);
  }
}

SizeAt size_by_formula(const Config& node, const Parameters& parameters) {
  std::vector<std::string> names = {"x", "y", "z"};
  std::vector<double> values(3);
  split(parameters, names, values);
  const Expression size = parse_formula(node, names);
  return [size, values, where = node.where()](const std::array<double, 3>& x) mutable {
    std::copy(x.begin(), x.end(), values.begin());
    const double edge = size(values);
    COTAN_REQUIRE(edge > 0, where << ": '" << size.text() << "' gives an edge of " << edge << " m at (" << x[0] << ", "
                                  << x[1] << ", " << x[2] << "), expected one above 0");
    return edge;
  };
}

// A field on the points of another mesh; outside of it the nearest place counts.
SizeAt size_by_field(const Config& node) {
  node.only_keys({"file", "field"});
  const auto file = relative_to(node, node.at("file").text());
  const auto snapshot = std::make_shared<const Snapshot>(read_snapshot(file));
  std::vector<std::string> there;
  const HostField* found = nullptr;
  for (const HostField& field : snapshot->fields) {
    if (field.spec.on != On::points || field.spec.components != 1) continue;
    there.push_back(field.spec.name);
    if (field.spec.name == node.at("field").text()) found = &field;
  }
  COTAN_REQUIRE(found,
                node.where() << ": " << unknown_name("field of one component on points", node["field"].text(), there));
  COTAN_REQUIRE(std::all_of(found->values.begin(), found->values.end(), [](double h) { return h > 0; }),
                node.where() << ": sizes must be above 0");
  const auto locator = std::make_shared<const Locator>(snapshot->mesh);
  return [snapshot, locator, found](const std::array<double, 3>& x) {
    const auto place = locator->find(std::span(x).first(std::size_t(snapshot->mesh.dim())));
    const auto corners = snapshot->mesh.corners(place.cell);
    double size = 0;
    for (std::size_t i = 0; i < corners.size(); ++i) size += place.weights[i] * found->values[corners[i]];
    return size;
  };
}

std::vector<std::string> names_in(const Config& node) {
  if (node.kind() == Config::Kind::null) return {};
  if (node.kind() == Config::Kind::scalar) return {node.text()};
  std::vector<std::string> out;
  for (const auto& item : node.items()) out.push_back(item.text());
  return out;
}

GmshLayer parse_layer(const Config& node) {
  node.only_keys({"on", "first", "ratio", "thickness", "quads", "fans"});
  GmshLayer layer;
  layer.on = names_in(node.at("on"));
  layer.first = positive(node.at("first"), "height of the first cells [m]");
  layer.thickness = positive(node.at("thickness"), "height of all [m]");
  if (node.has("ratio")) layer.ratio = positive(node["ratio"], "height over that of the one before");
  if (node.has("quads")) layer.quads = node["quads"].boolean();
  layer.fans = names_in(node["fans"]);
  return layer;
}

void parse_gmsh_sizes(const Config& spec, const Parameters& parameters, GmshOptions& options) {
  if (spec.has("size")) options.size = positive(spec["size"], "element size [m]");
  for (const auto& [name, node] : spec["sizes"].entries()) options.sizes[name] = positive(node, "element size [m]");
  if (spec.has("grading")) options.grading = positive(spec["grading"], "growth of edges with distance");
  if (spec.has("curvature")) {
    options.curvature = static_cast<int>(spec["curvature"].integer());
    COTAN_REQUIRE(options.curvature >= 1 && options.curvature <= 100000,
                  spec["curvature"].where() << ": expected edges a full turn, 1 to 100000");
  }
  if (!spec.has("background")) return;
  const Config background = spec["background"];
  options.size_at =
      background.kind() == Config::Kind::map ? size_by_field(background) : size_by_formula(background, parameters);
}

GmshOptions parse_gmsh(const Config& spec, const Parameters& parameters) {
  spec.only_keys({"gmsh", "size", "sizes", "grading", "curvature", "background", "boundary_layer", "cells", "dim",
                  "degree", "parameters"});
  GmshOptions options;
  parse_gmsh_sizes(spec, parameters, options);
  if (spec.has("boundary_layer")) options.layer = parse_layer(spec["boundary_layer"]);
  if (spec.has("dim")) options.dim = static_cast<int>(spec["dim"].integer());
  if (spec.has("degree")) options.order = static_cast<int>(spec["degree"].integer());
  if (spec.has("cells")) {
    const std::string cells = spec["cells"].text();
    COTAN_REQUIRE(
        cells == "quads" || cells == "hexes",
        spec["cells"].where() << ": "
                              << unknown_name("kind of cells", cells, std::vector<std::string>{"quads", "hexes"}));
    options.cells = cells == "quads" ? GmshCells::quads : GmshCells::hexes;
  }
  std::vector<std::string> names;
  std::vector<double> values;
  split(parameters, names, values);
  for (const auto& [name, node] : spec["parameters"].entries())
    options.parameters.emplace_back(name, parse_formula(node, names)(values));
  return options;
}

Mesh fill_surface(const Config& spec, std::vector<std::string>& notes) {
  spec.at("size");  // no default would fit all
  const auto options = read_options<VolumeOptions>(spec.without("surface"));
  const auto file = relative_to(spec, spec["surface"].text());
  const Mesh surface = read_mesh(file, &notes);
  try {
    return mesh_volume(surface, options);
  } catch (const InputError& error) {
    throw InputError(spec["surface"].where() + ": " + file.string() + ": " + error.what());
  }
}

CellType cell_type(const Config& node, CellType otherwise) {
  if (node.kind() == Config::Kind::null) return otherwise;
  std::vector<std::string> names;
  for (const CellType type : {CellType::triangle, CellType::quad, CellType::triangle6, CellType::quad8, CellType::quad9,
                              CellType::tetra, CellType::hexa, CellType::wedge, CellType::pyramid}) {
    names.emplace_back(shape(type).name);
    if (names.back() == node.text()) return type;
  }
  throw InputError(node.where() + ": " + unknown_name("type of cells", node.text(), names));
}

Mesh structured(const Config& box, const OutlineDraw&) {
  box.only_keys({"low", "high", "cells", "type"});
  std::vector<double> low, high;
  std::vector<int> cells;
  for (const auto& item : box.at("low").items()) low.push_back(item.number());
  for (const auto& item : box.at("high").items()) high.push_back(item.number());
  for (const auto& item : box.at("cells").items()) {
    cells.push_back(static_cast<int>(std::clamp<std::int64_t>(item.integer(), 0, 1 << 30)));
  }
  const std::size_t dim = low.size();
  COTAN_REQUIRE((dim == 2 || dim == 3) && high.size() == dim && cells.size() == dim,
                box.where() << ": expected low, high and cells with two or three numbers each");
  const double count = std::accumulate(cells.begin(), cells.end(), 1.0, std::multiplies<>());
  COTAN_REQUIRE(count >= 1 && count <= 5e7, box["cells"].where() << ": " << count << " cells (1 to 50 million)");
  for (std::size_t k = 0; k < dim; ++k)
    COTAN_REQUIRE(low[k] < high[k], box.where() << ": expected low below high in each direction");
  const CellType type = cell_type(box["type"], dim == 2 ? CellType::quad : CellType::hexa);
  const Mesh at_origin =
      dim == 2 ? rectangle(cells[0], cells[1], {high[0] - low[0], high[1] - low[1]}, type)
               : cotan::box(cells[0], cells[1], cells[2], {high[0] - low[0], high[1] - low[1], high[2] - low[2]}, type);
  std::vector<double> points(at_origin.points().begin(), at_origin.points().end());
  for (std::size_t i = 0; i < points.size(); ++i) points[i] += low[i % dim];
  return at_origin.with_points(std::move(points));
}

}  // namespace

Mesh make_mesh(const Config& spec, const OutlineDraw& draw, std::vector<std::string>& notes) {
  COTAN_REQUIRE(spec.kind() == Config::Kind::map, spec.where() << ": expected a map that says how a mesh is made");
  if (spec.has("gmsh")) {
    const auto script = relative_to(spec, spec["gmsh"].text());
    return mend_and_build(mesh_with_gmsh(script, parse_gmsh(spec, draw.parameters), &notes), nullptr, &notes);
  }
  if (spec.has("surface")) return fill_surface(spec, notes);
  if (spec.has("box")) {
    spec.only_keys({"box"});
    return structured(spec["box"], draw);
  }
  if (!spec.has("outline")) return mesh_outline(parse_outline(spec, draw));
  spec.only_keys({"outline"});
  return mesh_outline(parse_outline(spec["outline"], draw));
}

bool mesh_varies(const Config& spec, const std::vector<std::string>& drawn) {
  return spec.kind() == Config::Kind::map && outline_varies(spec, drawn);
}

std::filesystem::path relative_to(const Config& config, const std::string& path) {
  const std::filesystem::path given(path);
  return given.is_absolute() ? given : config.file().parent_path() / given;
}

}  // namespace cotan
