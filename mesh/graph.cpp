#include "mesh/graph.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

#include "core/check.h"
#include "mesh/dual_volume.h"

namespace cotan {
namespace {

using at::Tensor;

template <class T>
Tensor tensor_of(std::span<const T> values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<T*>(values.data()), shape, at::TensorOptions().dtype(type)).clone();
}

Tensor longs(std::int64_t size) {
  return at::empty({size}, at::kLong);
}

// Local number of each mesh point; -1 where it is not here.
std::vector<Index> local_numbers(const Part& part, Index num_points) {
  std::vector<Index> local(num_points, -1);
  for (Index i = 0; i < part.num_local(); ++i) {
    if (part.global[i] < 0 || part.global[i] >= num_points) {
      throw Error("a part with node " + std::to_string(part.global[i]) + " of a mesh of " + std::to_string(num_points));
    }
    local[part.global[i]] = i;
  }
  return local;
}

// How the edges into each point are listed: plain neighbours, or links through glued sides.
struct Rows {
  Adjacency plain;
  WrappedLinks wrapped;
  bool periodic = false;

  std::int64_t size(Index i) const {
    const auto& offsets = periodic ? wrapped.offsets : plain.offsets;
    return offsets[i + 1] - offsets[i];
  }
  WrappedLink link(Index i, std::int64_t k) const {
    return periodic ? wrapped.links[wrapped.offsets[i] + k] : WrappedLink{plain.links[plain.offsets[i] + k], i};
  }
};

Rows rows_of(const Mesh& mesh, std::span<const PeriodicPair> periodic) {
  Rows rows;  // filled member by member: g++ 12 destroys a braced temporary twice when one of its parts throws
  rows.periodic = !periodic.empty();
  if (rows.periodic) {
    rows.wrapped = wrapped_links(mesh, periodic);
  } else {
    rows.plain = point_neighbours(mesh);
  }
  return rows;
}

// (N + 1) offsets of the local points' rows; a point some of whose neighbours are elsewhere has none.
Tensor row_offsets(const Rows& rows, const Part& part, const std::vector<Index>& local) {
  Tensor offsets = longs(part.num_local() + 1);
  auto* o = offsets.mutable_data_ptr<std::int64_t>();
  o[0] = 0;
  for (Index i = 0; i < part.num_local(); ++i) {
    const auto row = static_cast<Index>(part.global[i]);
    bool whole = true;
    for (std::int64_t k = 0; whole && k < rows.size(row); ++k) whole = local[rows.link(row, k).sender] >= 0;
    if (!whole && i < part.num_owned) throw Error("a part without ghosts: make_graph needs at least one ring");
    o[i + 1] = o[i] + (whole ? rows.size(row) : 0);
  }
  return offsets;
}

struct EdgeArrays {
  std::int64_t *sender, *receiver;
  double *offset, *shift;  // shift null where nothing wraps
};

void fill_row(const Mesh& mesh, WrappedLink link, Index row, std::int64_t e, const EdgeArrays& edges) {
  const int dim = mesh.dim();
  const auto from = mesh.point(link.sender), seen_from = mesh.point(link.copy), to = mesh.point(row);
  for (int d = 0; d < dim; ++d) {
    edges.offset[e * dim + d] = seen_from[d] - from[d];
    if (edges.shift) edges.shift[e * dim + d] = seen_from[d] - to[d];
  }
}

EdgeSet mesh_edges(const Mesh& mesh, const Part& part, const std::vector<Index>& local, const Rows& rows) {
  const Tensor offsets = row_offsets(rows, part, local);
  const auto* o = offsets.const_data_ptr<std::int64_t>();
  const std::int64_t n = part.num_local(), num_edges = o[n];
  const Tensor sender = longs(num_edges);
  EdgeSet set;
  set.name = "mesh";
  set.receiver = longs(num_edges);
  set.offset = at::empty({num_edges, mesh.dim()}, at::kDouble);
  if (rows.periodic) set.shift = at::empty_like(set.offset);
  const EdgeArrays arrays{sender.mutable_data_ptr<std::int64_t>(), set.receiver.mutable_data_ptr<std::int64_t>(),
                          set.offset.mutable_data_ptr<double>(),
                          rows.periodic ? set.shift.mutable_data_ptr<double>() : nullptr};
  at::parallel_for(0, n, 4096, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const auto row = static_cast<Index>(part.global[i]);
      for (std::int64_t e = o[i]; e < o[i + 1]; ++e) {
        const WrappedLink link = rows.link(row, e - o[i]);
        arrays.sender[e] = local[link.sender];
        arrays.receiver[e] = i;
        fill_row(mesh, link, row, e, arrays);
      }
    }
  });
  set.links = make_segments(offsets, sender, n);
  return set;
}

// Corners of the cells that are here with all of them, of a mesh of one type; undefined for mixed meshes.
Tensor local_cells(const Mesh& mesh, const std::vector<Index>& local) {
  const auto types = mesh.types();
  if (types.empty()) return {};
  if (std::adjacent_find(types.begin(), types.end(), std::not_equal_to<>()) != types.end()) return {};
  const std::int64_t corners = shape(mesh.type(0)).num_corners;
  std::vector<std::int64_t> flat;
  flat.reserve(mesh.num_cells() * corners);
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const auto points = mesh.corners(c);
    if (std::any_of(points.begin(), points.end(), [&](Index i) { return local[i] < 0; })) continue;
    for (Index i : points) flat.push_back(local[i]);
  }
  const auto count = static_cast<std::int64_t>(flat.size()) / corners;
  return tensor_of<std::int64_t>(flat, {count, corners}, at::kLong);
}

Segments segments_of_cells(const Tensor& cells, std::int64_t num_nodes) {
  const Tensor offsets = at::arange(cells.size(0) + 1, at::kLong) * cells.size(1);
  return make_segments(offsets, cells.reshape(-1), num_nodes);
}

void fill_nodes(const Mesh& mesh, const Part& part, std::span<const Role> roles, Graph& graph) {
  const std::int64_t n = part.num_local(), dim = mesh.dim();
  graph.global = tensor_of<GlobalIndex>(part.global, {n}, at::kLong);
  graph.position = at::from_blob(const_cast<double*>(mesh.points().data()), {mesh.num_points(), dim}, at::kDouble)
                       .index_select(0, graph.global);
  auto volume = dual_volumes(mesh);
  graph.volume = at::from_blob(volume.data(), {mesh.num_points()}, at::kDouble).index_select(0, graph.global);
  graph.role = at::zeros({n}, at::kLong);
  if (!roles.empty()) {
    auto* role = graph.role.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < n; ++i) role[i] = static_cast<std::int64_t>(roles[part.global[i]]);
  }
  graph.graph_of_node = at::zeros({n}, at::kLong);
  graph.num_owned = part.num_owned;
  graph.owned = at::arange(n) < part.num_owned;
}

Segments to_device(const Segments& s, at::Device device) {
  if (!s.offsets.defined()) return s;
  return {s.offsets.to(device), s.index.to(device), s.transpose_offsets.to(device), s.transpose_entries.to(device)};
}

std::int64_t num_sources(const Segments& s) {
  return s.transpose_offsets.size(0) - 1;
}

// The rows of all lists one after the other: entry numbers and source numbers move on by those before.
Segments joined(const std::vector<Segments>& list) {
  std::vector<Tensor> offsets, index, transpose_offsets, transpose_entries;
  std::int64_t entries = 0, sources = 0;
  for (const Segments& s : list) {
    const std::int64_t skip = offsets.empty() ? 0 : 1;  // the first offset is the last one of the list before
    offsets.push_back(s.offsets.slice(0, skip) + entries);
    transpose_offsets.push_back(s.transpose_offsets.slice(0, skip) + entries);
    index.push_back(s.index + sources);
    transpose_entries.push_back(s.transpose_entries + entries);
    entries += s.index.size(0);
    sources += num_sources(s);
  }
  return {at::cat(offsets), at::cat(index), at::cat(transpose_offsets), at::cat(transpose_entries)};
}

template <class Get>
Tensor joined(std::span<const Graph> graphs, const Get& get) {
  std::vector<Tensor> parts;
  for (const Graph& g : graphs) parts.push_back(get(g));
  return at::cat(parts);
}

// The same, each graph's numbers moved on by what `count` says the graphs before have.
template <class Get, class Count>
Tensor joined_numbers(std::span<const Graph> graphs, const Get& get, const Count& count) {
  std::int64_t before = 0;
  return joined(graphs, [&](const Graph& g) {
    const Tensor moved = get(g) + before;
    before += count(g);
    return moved;
  });
}

EdgeSet joined_edges(std::span<const Graph> graphs, const std::string& name) {
  const auto defined = [&](auto member) {
    return std::count_if(graphs.begin(), graphs.end(),
                         [&](const Graph& g) { return (g.edges(name).*member).defined(); });
  };
  const auto all_have = [&](auto member) {
    const auto have = defined(member);
    if (have != 0 && have != std::ssize(graphs))
      throw Error("batch: edge set '" + name + "' has offsets or weights in some graphs only");
    return have != 0;
  };
  const bool with_offset = all_have(&EdgeSet::offset);
  for (const Graph& g : graphs) {
    if (g.edges(name).guests.comm().size() > 1) throw Error("batch: edge set '" + name + "' is shared between ranks");
  }
  EdgeSet set;
  set.name = name;
  std::vector<Segments> links;
  for (const Graph& g : graphs) links.push_back(g.edges(name).links);
  set.links = joined(links);
  set.receiver = joined_numbers(
      graphs, [&](const Graph& g) { return g.edges(name).receiver; }, [](const Graph& g) { return g.num_nodes(); });
  if (with_offset) set.offset = joined(graphs, [&](const Graph& g) { return g.edges(name).offset; });
  if (all_have(&EdgeSet::weight)) set.weight = joined(graphs, [&](const Graph& g) { return g.edges(name).weight; });
  if (all_have(&EdgeSet::measure)) set.measure = joined(graphs, [&](const Graph& g) { return g.edges(name).measure; });
  if (defined(&EdgeSet::shift)) {
    set.shift = joined(graphs, [&](const Graph& g) {
      const EdgeSet& of = g.edges(name);
      return of.shift.defined() ? of.shift : at::zeros({of.size(), g.dim()}, g.position.options());
    });
  }
  return set;
}

void check_alike(std::span<const Graph> graphs) {
  if (graphs.empty()) throw Error("a batch of no graphs");
  for (const Graph& g : graphs) {
    if (g.dim() != graphs[0].dim() || g.cell_dim != graphs[0].cell_dim ||
        g.edge_sets.size() != graphs[0].edge_sets.size()) {
      throw Error("graphs of a batch differ in dimension or in their edge sets");
    }
  }
}

}  // namespace

const EdgeSet& Graph::edges(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& set : edge_sets) {
    if (set.name == name) return set;
    names.push_back(set.name);
  }
  throw Error(unknown_name("edge set", name, names));
}

Graph make_graph(const Mesh& mesh, const Part& part, std::span<const Role> roles,
                 std::span<const PeriodicPair> periodic) {
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    COTAN_REQUIRE(shape(mesh.type(c)).order == 1, "cell " << c << " is a " << shape(mesh.type(c)).name
                                                          << "; a graph is made from linear cells (see linearised)");
  }
  if (!roles.empty()) check_shape({{std::int64_t(roles.size())}}, {mesh.num_points()}, "roles");
  const auto local = local_numbers(part, mesh.num_points());
  Graph graph;
  graph.cell_dim = mesh.cell_dim();
  fill_nodes(mesh, part, roles, graph);
  graph.edge_sets.push_back(mesh_edges(mesh, part, local, rows_of(mesh, periodic)));
  graph.cells = local_cells(mesh, local);
  if (graph.cells.defined()) graph.cell_points = segments_of_cells(graph.cells, part.num_local());
  return graph;
}

Graph make_graph(const Mesh& mesh, std::span<const Role> roles, std::span<const PeriodicPair> periodic) {
  return make_graph(mesh, whole_part(mesh.num_points()), roles, periodic);
}

EdgeSet make_edges(std::string name, const Tensor& sender, const Tensor& receiver, std::int64_t num_nodes,
                   const Tensor& offset, const Tensor& shift) {
  const std::int64_t num_edges = sender.size(0);
  check_shape({{receiver.size(0)}}, {num_edges}, "receivers of edge set " + name);
  const Tensor order = std::get<1>(at::sort(receiver * num_nodes + sender, /*stable=*/true, 0, false));
  EdgeSet set;
  set.name = std::move(name);
  set.receiver = receiver.index_select(0, order);
  const Tensor offsets = at::searchsorted(set.receiver, at::arange(num_nodes + 1, receiver.options()));
  set.links = make_segments(offsets, sender.index_select(0, order), num_nodes);
  if (offset.defined()) set.offset = offset.index_select(0, order);
  if (shift.defined()) set.shift = shift.index_select(0, order);
  return set;
}

Graph with_edges(const Graph& graph, EdgeSet edges) {
  Graph out = graph;
  const auto old = std::find_if(out.edge_sets.begin(), out.edge_sets.end(),
                                [&](const EdgeSet& set) { return set.name == edges.name; });
  if (old != out.edge_sets.end()) {
    *old = std::move(edges);
  } else {
    out.edge_sets.push_back(std::move(edges));
  }
  return out;
}

Graph to(const Graph& graph, const at::TensorOptions& where) {
  const at::Device device = where.has_device() ? where.device() : graph.position.device();
  const auto type = where.has_dtype() ? at::typeMetaToScalarType(where.dtype()) : graph.position.scalar_type();
  const auto moved = [&](const Tensor& t) {
    if (!t.defined()) return t;
    return t.is_floating_point() ? t.to(device, type) : t.to(device);
  };
  Graph out = graph;
  for (Tensor* t : {&out.position, &out.role, &out.volume, &out.cells, &out.graph_of_node, &out.owned, &out.global}) {
    *t = moved(*t);
  }
  out.cell_points = to_device(graph.cell_points, device);
  for (EdgeSet& set : out.edge_sets) {
    set.links = to_device(set.links, device);
    for (Tensor* t : {&set.receiver, &set.offset, &set.shift, &set.weight, &set.measure}) *t = moved(*t);
  }
  return out;
}

Graph batch(std::span<const Graph> graphs) {
  check_alike(graphs);
  const auto nodes = [](const Graph& g) { return g.num_nodes(); };
  Graph out;
  out.cell_dim = graphs[0].cell_dim;
  out.position = joined(graphs, [](const Graph& g) { return g.position; });
  out.role = joined(graphs, [](const Graph& g) { return g.role; });
  out.volume = joined(graphs, [](const Graph& g) { return g.volume; });
  out.owned = joined(graphs, [](const Graph& g) { return g.owned; });
  out.global = joined(graphs, [](const Graph& g) { return g.global; });
  out.graph_of_node = joined_numbers(
      graphs, [](const Graph& g) { return g.graph_of_node; }, [](const Graph& g) { return g.num_graphs; });
  const auto same_cells = [&](const Graph& g) {
    return g.cells.defined() && graphs[0].cells.defined() && g.cells.size(1) == graphs[0].cells.size(1);
  };
  if (std::all_of(graphs.begin(), graphs.end(), same_cells)) {
    out.cells = joined_numbers(
        graphs, [](const Graph& g) { return g.cells; }, nodes);
    std::vector<Segments> cell_points;
    for (const Graph& g : graphs) cell_points.push_back(g.cell_points);
    out.cell_points = joined(cell_points);
  }
  for (const EdgeSet& set : graphs[0].edge_sets) out.edge_sets.push_back(joined_edges(graphs, set.name));
  out.num_graphs = out.num_owned = 0;
  for (const Graph& g : graphs) {
    out.num_graphs += g.num_graphs;
    out.num_owned += g.num_owned;
  }
  return out;
}

}  // namespace cotan
