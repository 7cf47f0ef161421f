#include <algorithm>
#include <functional>
#include <numeric>
#include <sstream>

#include "core/check.h"
#include "io/msh_raw.h"
#include "io/sides.h"

namespace cotan::msh {
namespace {

template <class T>
void sort_unique(std::vector<T>& values) {
  if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end()) return;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

// Calls f(first, last, number) for each physical group of each run of elements.
template <class F>
void each_group(const RawMsh& raw, const RawElements& elements, F f) {
  const auto& runs = elements.group_lists;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const Index last = r + 1 < runs.size() ? runs[r + 1].first : elements.size();
    for (const int number : raw.lists[std::size_t(runs[r].second)]) f(runs[r].first, last, number);
  }
}

// Names of the groups of one dimension, entered with their numbers. A name that a group of another dimension has
// already gets the dimension behind it, so that each keeps its own number.
class Names {
 public:
  Names(const RawMsh& raw, MeshData& mesh, int dim) : raw_(raw), mesh_(mesh), dim_(dim) {}
  template <class Sets>
  typename Sets::mapped_type& set(Sets& sets, int number) {
    auto [entry, is_new] = names_.try_emplace(number);
    if (is_new) {
      const auto found = raw_.names.find({dim_, number});
      std::string name = found == raw_.names.end() ? "physical_" + std::to_string(number) : found->second;
      const bool ours = std::any_of(names_.begin(), names_.end(), [&](const auto& n) { return n.second == name; });
      const auto other = mesh_.numbers.find(name);
      const bool is_taken = sets.contains(name) || (other != mesh_.numbers.end() && other->second != number);
      if (is_taken && !ours) name += "_dim" + std::to_string(dim_);
      entry->second = name;
      mesh_.numbers.emplace(std::move(name), number);
    }
    return sets[entry->second];
  }

 private:
  const RawMsh& raw_;
  MeshData& mesh_;
  int dim_;
  std::map<int, std::string> names_;
};

void build_cell_sets(const RawMsh& raw, const RawElements& cells, MeshData& mesh, int dim) {
  Names names(raw, mesh, dim);
  each_group(raw, cells, [&](Index first, Index last, int number) {
    auto& set = names.set(mesh.cell_sets, number);
    set.resize(set.size() + std::size_t(last - first));
    std::iota(set.end() - (last - first), set.end(), first);
  });
  for (auto& [name, set] : mesh.cell_sets) sort_unique(set);
}

void build_facet_sets(const RawMsh& raw, MeshData& mesh, int dim, const std::string& file) {
  const RawElements& sides = raw.elements[std::size_t(dim)];
  const auto facets = match_sides(mesh.types, mesh.cells, sides.types, sides.links, raw.node_tags.size());
  const auto offsets = cell_offsets(sides.types);
  Names names(raw, mesh, dim);
  each_group(raw, sides, [&](Index first, Index last, int number) {
    auto& set = names.set(mesh.facet_sets, number);
    for (Index s = first; s < last; ++s) {
      const double* x = &raw.points[3 * std::size_t(sides.links[std::size_t(offsets[std::size_t(s)])])];
      COTAN_REQUIRE(facets[std::size_t(s)].cell >= 0,
                    file << ": a " << shape(sides.types[std::size_t(s)]).name << " of physical group " << number
                         << " at (" << x[0] << ", " << x[1] << ", " << x[2]
                         << ") hangs in the air, expected a side of a cell of the mesh");
      set.push_back(facets[std::size_t(s)]);
    }
  });
  for (auto& [name, set] : mesh.facet_sets) sort_unique(set);
}

// Elements two and more dimensions below the cells have no sides to stand on: their nodes.
void build_point_sets(const RawMsh& raw, MeshData& mesh, int dim) {
  const RawElements& elements = raw.elements[std::size_t(dim)];
  const auto offsets = cell_offsets(elements.types);
  Names names(raw, mesh, dim);
  each_group(raw, elements, [&](Index first, Index last, int number) {
    auto& set = names.set(mesh.point_sets, number);
    set.insert(set.end(), elements.links.begin() + offsets[std::size_t(first)],
               elements.links.begin() + offsets[std::size_t(last)]);
  });
  for (auto& [name, set] : mesh.point_sets) sort_unique(set);
}

}  // namespace

MeshContent build(RawMsh&& raw, const std::string& file) {
  const int dim = raw.dim();
  COTAN_REQUIRE(dim >= 1, file << ": no lines, triangles, tetrahedra, …: a mesh needs cells");
  MeshContent content;
  MeshData& mesh = content.mesh;
  RawElements& cells = raw.elements[std::size_t(dim)];
  mesh.types = std::move(cells.types);
  mesh.cells.offsets = cell_offsets(mesh.types);
  mesh.cells.links = std::move(cells.links);
  cells.types.assign(mesh.types.size(), CellType::vertex);  // each_group asks for their number
  build_facet_sets(raw, mesh, dim - 1, file);
  build_cell_sets(raw, cells, mesh, dim);
  for (int d = 0; d < dim - 1; ++d) build_point_sets(raw, mesh, d);
  mesh.dim = 3;
  mesh.points = std::move(raw.points);
  drop_flat_coordinates(mesh);
  content.periodic = build_periodic(raw, mesh);
  content.time = raw.time;
  for (auto& [key, field] : raw.fields) content.fields.push_back(std::move(field));
  if (raw.reduced > 0) {
    std::ostringstream note;
    note << file << ": " << raw.reduced
         << " elements of higher order lose the nodes that cotan's cells have no place for";
    content.notes.push_back(note.str());
  }
  return content;
}

}  // namespace cotan::msh
