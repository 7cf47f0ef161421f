// $Periodic: which nodes of one side are those of another.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "io/msh_raw.h"
#include "io/rows.h"

namespace cotan::msh {
namespace {

using Nodes = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Numbers beyond 2^63 are found nowhere.
template <class Number>
Nodes read_nodes(Source& source, std::uint64_t declared, std::uint64_t least, bool as_text) {
  const std::size_t count = source.checked_count(declared, least, "periodic nodes");
  Nodes nodes(count);
  for (auto& [own, other] : nodes) {
    own = std::int64_t(as_text ? source.text<Number>() : source.number<Number>());
    other = std::int64_t(as_text ? source.text<Number>() : source.number<Number>());
  }
  return nodes;
}

int read_dim(const Source& source, std::int32_t dim) {
  if (dim < 0 || dim > 3) source.fail("periodic entities of dimension " + std::to_string(dim) + ", expected 0 to 3");
  return dim;
}

// Points of the mesh that are corners of the sides of a set.
std::set<Index> corners_of(const MeshData& mesh, const std::vector<Facet>& facets) {
  std::set<Index> corners;
  for (const Facet& facet : facets) {
    const FacetShape& side = shape(mesh.types[std::size_t(facet.cell)]).facets[std::size_t(facet.local)];
    const auto cell = mesh.cells[facet.cell];
    for (int k = 0; k < side.num_corners; ++k) corners.insert(cell[std::size_t(side.corners[k])]);
  }
  return corners;
}

// The set that has most of the points, and more than half of them; "" where there is none. Of many points some are
// asked.
std::string set_of(const std::map<std::string, std::set<Index>>& sets, const std::vector<Index>& all) {
  constexpr std::size_t kAsked = 200;
  std::vector<Index> points;
  for (std::size_t i = 0; i < all.size(); i += 1 + all.size() / kAsked) points.push_back(all[i]);
  std::string best;
  std::size_t most = points.size() / 2;
  for (const auto& [name, corners] : sets) {
    const auto found = std::size_t(
        std::count_if(points.begin(), points.end(), [&, &here = corners](Index p) { return here.contains(p); }));
    if (found > most) {
      best = name;
      most = found;
    }
  }
  return best;
}

// The translation from one side to the other, or nothing where the points are joined by another motion.
std::vector<double> shift_between(const MeshData& mesh, const std::vector<Index>& from, const std::vector<Index>& to) {
  const auto dim = std::size_t(mesh.dim);
  const auto x = [&](Index p, std::size_t k) { return mesh.points[std::size_t(p) * dim + k]; };
  std::vector<double> shift(dim, 0);
  double extent = 0, worst = 0;
  for (std::size_t k = 0; k < dim; ++k) {
    for (std::size_t i = 0; i < from.size(); ++i) shift[k] += (x(to[i], k) - x(from[i], k)) / double(from.size());
    extent = std::max(extent, std::abs(shift[k]));
    for (const Index p : from) extent = std::max(extent, std::abs(x(p, k) - x(from[0], k)));
  }
  for (std::size_t i = 0; i < from.size(); ++i) {
    for (std::size_t k = 0; k < dim; ++k) worst = std::max(worst, std::abs(x(to[i], k) - x(from[i], k) - shift[k]));
  }
  if (worst > 1e-6 * extent) return {};
  for (double& s : shift) s = std::abs(s) < 1e-9 * extent ? 0 : s;
  return shift;
}

bool same_shift(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double s, double t) {
           return std::abs(s - t) <= 1e-6 * std::max({1e-300, std::abs(s), std::abs(t)});
         });
}

}  // namespace

void read_periodic22(RawMsh& raw, Source& source) {
  const std::size_t count = source.checked_count(source.text<std::uint64_t>(), 8, "periodic entities");
  for (std::size_t k = 0; k < count; ++k) {
    RawPeriodic entry;
    entry.dim = read_dim(source, source.text<std::int32_t>());
    source.text<std::int32_t>();
    source.text<std::int32_t>();
    std::string line = source.next_line();
    if (line.starts_with("Affine")) line = source.next_line();
    std::uint64_t nodes = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), nodes);
    if (error != std::errc{} || line.find_first_not_of(" \t\r", std::size_t(end - line.data())) != line.npos)
      source.fail_in_line("found '" + printable(line) + "', expected a number of nodes");
    entry.nodes = read_nodes<std::int64_t>(source, nodes, 4, true);
    raw.periodic.push_back(std::move(entry));
  }
}

void read_periodic41(RawMsh& raw, Source& source) {
  const auto least = source.least_bytes(5, 0, 4);
  const std::size_t count = source.checked_count(source.number<std::uint64_t>(), least, "periodic entities");
  for (std::size_t k = 0; k < count; ++k) {
    RawPeriodic entry;
    entry.dim = read_dim(source, source.number<std::int32_t>());
    source.number<std::int32_t>();
    source.number<std::int32_t>();
    const std::size_t affine =
        source.checked_count(source.number<std::uint64_t>(), source.least_bytes(1, 1, 8), "numbers of a motion");
    for (std::size_t i = 0; i < affine; ++i) source.number<double>();
    const auto nodes = source.number<std::uint64_t>();
    entry.nodes = read_nodes<std::uint64_t>(source, nodes, source.least_bytes(2, 0, 8), false);
    raw.periodic.push_back(std::move(entry));
  }
}

std::vector<PeriodicSides> build_periodic(const RawMsh& raw, const MeshData& mesh) {
  std::vector<PeriodicSides> out;
  std::map<std::string, std::set<Index>> sets;
  for (const RawPeriodic& entry : raw.periodic) {
    if (entry.dim + 1 != raw.dim()) continue;
    if (sets.empty()) {
      for (const auto& [name, facets] : mesh.facet_sets) sets[name] = corners_of(mesh, facets);
    }
    std::vector<Index> from, to;
    for (const auto& [own, other] : entry.nodes) {
      const Index a = own < 0 ? -1 : raw.node_tags.find(own), b = other < 0 ? -1 : raw.node_tags.find(other);
      if (a < 0 || b < 0) continue;  // a node that the file leaves out
      from.push_back(a);
      to.push_back(b);
    }
    PeriodicSides sides{set_of(sets, from), set_of(sets, to), {}};
    if (from.empty() || sides.from.empty() || sides.to.empty()) continue;
    sides.shift = shift_between(mesh, from, to);
    const bool known = std::any_of(out.begin(), out.end(), [&](const PeriodicSides& other) {
      return other.from == sides.from && other.to == sides.to && same_shift(other.shift, sides.shift);
    });
    if (!known) out.push_back(std::move(sides));
  }
  return out;
}

}  // namespace cotan::msh
