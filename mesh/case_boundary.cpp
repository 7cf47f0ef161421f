#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "core/check.h"
#include "mesh/case.h"
#include "mesh/mesh_checks.h"

namespace cotan {
namespace {

std::string counted(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string sizes_of_sets(const Mesh& mesh) {
  std::vector<std::string> sizes;
  for (const auto& [name, facets] : mesh.data().facet_sets)
    sizes.push_back(name + " " + counted(facets.size(), "side"));
  for (const auto& [name, points] : mesh.data().point_sets)
    sizes.push_back(name + " " + counted(points.size(), "point"));
  for (const auto& [name, cells] : mesh.data().cell_sets) sizes.push_back(name + " " + counted(cells.size(), "cell"));
  return join(sizes);
}

std::string sizes_of_roles(std::span<const Role> roles) {
  std::array<std::size_t, kNumRoles> count{};
  for (const Role role : roles) ++count[static_cast<std::size_t>(role)];
  std::vector<std::string> sizes;
  for (int i = 0; i < kNumRoles; ++i) {
    if (count[i]) sizes.push_back(std::string(kRoleNames[i]) + " " + counted(count[i], "point"));
  }
  return join(sizes);
}

// Lowest and highest coordinates, as "x 0 to 2.2, y 0 to 0.41".
std::string extent(const Mesh& mesh) {
  std::ostringstream text;
  for (int k = 0; k < mesh.dim(); ++k) {
    double low = mesh.point(0)[k], high = low;
    for (Index p = 0; p < mesh.num_points(); ++p) {
      low = std::min(low, mesh.point(p)[k]);
      high = std::max(high, mesh.point(p)[k]);
    }
    text << (k ? ", " : "") << "xyz"[k] << " " << low << " to " << high;
  }
  return text.str();
}

void sort_unique(std::vector<Index>& points) {
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
}

// What the selectors look at, made once.
struct Border {
  const Mesh& mesh;
  std::vector<Facet> facets = boundary_facets(mesh);
  std::vector<Index> points = nodes_of(facets);

  std::vector<Index> nodes_of(const std::vector<Facet>& sides) const {
    std::vector<Index> nodes;
    for (const Facet side : sides) {
      const auto more = facet_nodes(mesh, side);
      nodes.insert(nodes.end(), more.begin(), more.end());
    }
    sort_unique(nodes);
    return nodes;
  }
  // Border sides with every corner among the (sorted) points.
  std::vector<Facet> sides_within(const std::vector<Index>& chosen) const {
    std::vector<Facet> sides;
    for (const Facet side : facets) {
      const auto corners = facet_corners(mesh, side);
      const bool within = std::all_of(corners.begin(), corners.end(),
                                      [&](Index p) { return std::binary_search(chosen.begin(), chosen.end(), p); });
      if (within) sides.push_back(side);
    }
    return sides;
  }
};

std::vector<Index> points_where(const Border& border, const BoundaryEntry& entry) {
  const Mesh& mesh = border.mesh;
  const std::vector<std::string> names = {"x", "y", "z"};
  const auto inside = Expression::parse(entry.selector, names);
  std::vector<Index> candidates = border.points;
  if (mesh.cell_dim() < mesh.dim()) {
    candidates.resize(mesh.num_points());
    std::iota(candidates.begin(), candidates.end(), 0);
  }
  std::vector<Index> points;
  std::array<double, 3> x{};
  for (const Index p : candidates) {
    std::copy_n(mesh.point(p).begin(), mesh.dim(), x.begin());
    const double value = inside(x);
    COTAN_REQUIRE(std::isfinite(value), entry.source.where()
                                            << ": '" << entry.selector << "' gives " << value << " at point " << p
                                            << " (" << x[0] << ", " << x[1] << ", " << x[2] << ")");
    if (value != 0) points.push_back(p);
  }
  COTAN_REQUIRE(!points.empty(), entry.source.where()
                                     << ": no boundary point where '" << entry.selector << "'; the mesh has "
                                     << counted(border.points.size(), "boundary point") << ", " << extent(mesh));
  return points;
}

std::vector<Index> points_with_role(const BoundaryEntry& entry, std::span<const Role> archive_roles) {
  COTAN_REQUIRE(!archive_roles.empty(), entry.source.where() << ": role_is: " << entry.selector
                                                             << " needs an archive with roles; this mesh has none");
  const Role wanted = role_from(entry.selector);
  std::vector<Index> points;
  for (std::size_t p = 0; p < archive_roles.size(); ++p) {
    if (archive_roles[p] == wanted) points.push_back(static_cast<Index>(p));
  }
  COTAN_REQUIRE(!points.empty(), entry.source.where() << ": no point has the role " << entry.selector
                                                      << "; there are: " << sizes_of_roles(archive_roles));
  return points;
}

ResolvedSide resolve_set(const Border& border, const BoundaryEntry& entry) {
  const Mesh& mesh = border.mesh;
  const MeshData& data = mesh.data();
  if (const auto name = set_name(data.facet_sets, data.numbers, entry.selector); !name.empty()) {
    const auto& sides = data.facet_sets.at(name);
    return {sides, border.nodes_of(sides), &entry};
  }
  std::vector<Index> points;
  if (const auto name = set_name(data.point_sets, data.numbers, entry.selector); !name.empty()) {
    points = data.point_sets.at(name);
  } else if (const auto cells = set_name(data.cell_sets, data.numbers, entry.selector); !cells.empty()) {
    points = mesh.points_of(cells);
  } else {
    const auto names = mesh.set_names();
    throw InputError(entry.source.where() + ": " + unknown_name("set", entry.selector, names) +
                     (names.empty() ? "; choose by {where: \"x < 1e-6\"}" : "; sizes: " + sizes_of_sets(mesh)));
  }
  return {border.sides_within(points), points, &entry};
}

ResolvedSide resolve(const Border& border, const BoundaryEntry& entry, std::span<const Role> archive_roles) {
  if (!entry.by_where && !entry.by_role) {
    auto side = resolve_set(border, entry);
    COTAN_REQUIRE(!side.points.empty(), entry.source.where() << ": the set '" << entry.selector
                                                             << "' is empty; sizes: " << sizes_of_sets(border.mesh));
    return side;
  }
  auto points = entry.by_where ? points_where(border, entry) : points_with_role(entry, archive_roles);
  auto facets = border.sides_within(points);
  return {std::move(facets), std::move(points), &entry};
}

// The side that an entry's is glued to.
ResolvedSide resolve_partner(const Border& border, const BoundaryEntry& entry) {
  BoundaryEntry other = entry;
  other.selector = entry.partner;
  ResolvedSide side = resolve(border, other, {});
  side.entry = &entry;
  return side;
}

PeriodicPair glue(const Mesh& mesh, const ResolvedSide& side, const ResolvedSide& partner) {
  const BoundaryEntry& entry = *side.entry;
  try {
    return matching_sides(mesh, entry.selector, side.points, entry.partner, partner.points);
  } catch (const InputError& e) {
    throw InputError(entry.source.where() + ": " + e.what());
  }
}

// Roles of points by the sides, the periodic ones first: they do not take a role from a point that a wall names too.
void set_roles(Boundary& boundary, const std::vector<ResolvedSide>& partners) {
  for (const auto& side : partners) {
    for (const Index p : side.points) boundary.roles[p] = side.entry->role;
  }
  for (const bool periodic : {true, false}) {
    for (const auto& side : boundary.sides) {
      if (side.entry->partner.empty() == periodic) continue;
      for (const Index p : side.points) boundary.roles[p] = side.entry->role;
    }
  }
}

}  // namespace

Boundary resolve_boundary(const Mesh& mesh, const std::vector<BoundaryEntry>& entries,
                          std::span<const Role> archive_roles) {
  COTAN_REQUIRE(
      archive_roles.empty() || archive_roles.size() == static_cast<std::size_t>(mesh.num_points()),
      "archive roles: " << archive_roles.size() << " rows found, " << mesh.num_points() << " points expected");
  const Border border{mesh};
  Boundary boundary;
  std::set<Facet> covered;
  std::vector<ResolvedSide> partners;
  for (const auto& entry : entries) {
    boundary.sides.push_back(resolve(border, entry, archive_roles));
    covered.insert(boundary.sides.back().facets.begin(), boundary.sides.back().facets.end());
    if (entry.partner.empty()) continue;
    partners.push_back(resolve_partner(border, entry));
    covered.insert(partners.back().facets.begin(), partners.back().facets.end());
    boundary.periodic.push_back(glue(mesh, boundary.sides.back(), partners.back()));
  }
  for (const Facet side : border.facets) {
    if (!covered.contains(side)) boundary.uncovered.push_back(side);
  }
  boundary.roles.assign(archive_roles.begin(), archive_roles.end());
  if (archive_roles.empty()) {
    boundary.roles.assign(mesh.num_points(), Role::interior);
    for (const Index p : border.nodes_of(boundary.uncovered)) boundary.roles[p] = Role::other;
  }
  set_roles(boundary, partners);
  return boundary;
}

std::vector<Prescription> prescriptions(const Boundary& boundary, std::span<const FieldSpec> fields,
                                        const std::map<std::string, double>& parameters) {
  std::vector<Prescription> found;
  for (const auto& field : fields) {
    for (int k = 0; k < field.components; ++k) {
      std::vector<char> taken(boundary.roles.size());  // walks the sides from the last, which wins
      std::vector<Prescription> of_component;
      for (auto side = boundary.sides.rbegin(); side != boundary.sides.rend(); ++side) {
        const auto value = side->entry->values.find(field.name);
        if (value == side->entry->values.end()) continue;
        const auto& nodes = value->second;
        COTAN_REQUIRE(static_cast<int>(nodes.size()) == field.components,
                      side->entry->source.where() << "." << field.name << ": " << nodes.size() << " expressions found, "
                                                  << field.components << " expected");
        if (nodes[k].kind() == Config::Kind::null) continue;
        std::vector<Index> points;
        std::copy_if(side->points.begin(), side->points.end(), std::back_inserter(points),
                     [&](Index p) { return !std::exchange(taken[p], 1); });
        auto expression = parse_expressions({nodes[k]}, 1, parameters, nodes[k]).front();
        if (!points.empty())
          of_component.push_back({field.name, k, std::move(points), std::move(expression), nodes[k].where()});
      }
      found.insert(found.end(), of_component.rbegin(), of_component.rend());
    }
  }
  return found;
}

PrescribedMasks prescribed_masks(std::span<const Prescription> given, std::span<const FieldSpec> fields,
                                 Index num_points) {
  PrescribedMasks masks;
  for (const auto& field : fields) {
    for (const auto& one : given) {
      if (one.field != field.name) continue;
      auto& mask = masks[field.name];
      mask.resize(static_cast<std::size_t>(num_points) * field.components);
      for (const Index p : one.points) mask[static_cast<std::size_t>(p) * field.components + one.component] = 1;
    }
  }
  return masks;
}

}  // namespace cotan
