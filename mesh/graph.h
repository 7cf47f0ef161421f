#pragma once
#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "mesh/mesh.h"
#include "mesh/partition.h"
#include "mesh/roles.h"
#include "mesh/segment.h"

namespace cotan {

/// Directed edges of one kind, sorted by receiver (CSR): mesh edges, world edges, periodic wraps, pooling links.
struct EdgeSet {
  std::string name;        ///< "mesh", "world", …
  Segments links;          ///< segment = receiver, index = sender
  at::Tensor receiver;     ///< (E) int64
  at::Tensor offset;       ///< (E, dim) receiver minus sender [m]; through the wrap where periodic, so not a difference
                           ///< of positions in general. Undefined for sets whose offset follows the state.
  at::Tensor shift;        ///< (E, dim) what the wrap adds to position[r] - position[s] [m]; undefined where none wraps
  std::int64_t size() const { return receiver.size(0); }
  const at::Tensor& sender() const { return links.index; }
};

/// A mesh as operators and networks see it. Points stand in the order owned interior, owned boundary, ghosts.
/// Built once per mesh, then only read; world edges are replaced by `with_edges`.
struct Graph {
  at::Tensor position;              ///< (N, dim) rest position [m]
  at::Tensor role;                  ///< (N) int64 Role
  at::Tensor volume;                ///< (N) dual volume [m^cell_dim] (barycentric); owned ones sum to the domain's over ranks
  at::Tensor cells;                 ///< (K, corners) int64 of a one-type mesh, else undefined
  std::vector<EdgeSet> edge_sets;   ///< "mesh" first
  at::Tensor graph_of_node;         ///< (N) int64 which graph of a batch
  std::int64_t num_graphs = 1;
  std::int64_t num_owned = 0;       ///< rows [0, num_owned) are this rank's; in a batch see `owned`
  at::Tensor owned;                 ///< (N) bool
  at::Tensor global;                ///< (N) int64: number in the whole mesh (within its own graph)
  std::int64_t num_nodes() const { return position.size(0); }
  std::int64_t dim() const { return position.size(1); }
  const EdgeSet& edges(const std::string& name = "mesh") const;  ///< \throw Error listing the sets there are
};

/// A pair of sides that are glued: points of `from`, moved by `shift`, coincide with points of `to`.
struct PeriodicPair {
  std::string from, to;
  std::vector<double> shift;  ///< (dim) [m]
};

/// Edge (a, b), both directions, from cell edges of corners; ghosts as `part` says. Double precision.
/// \param roles (mesh points) or empty: all interior
/// \param periodic edges across glued sides are added to the set "mesh" with their shift: each point of `from`
///        gets the neighbours of its partner in `to` and the reverse
/// \throw InputError where glued sides do not match within 1e-6 of the bounding box
Graph make_graph(const Mesh& mesh, const Part& part, std::span<const Role> roles = {},
                 std::span<const PeriodicPair> periodic = {});
Graph make_graph(const Mesh& mesh, std::span<const Role> roles = {}, std::span<const PeriodicPair> periodic = {});

/// An edge set from directed pairs in any order (sorted here by receiver, then sender).
EdgeSet make_edges(std::string name, const at::Tensor& sender, const at::Tensor& receiver, std::int64_t num_nodes,
                   const at::Tensor& offset = {}, const at::Tensor& shift = {});
/// The edges between points closer than `radius` in `position` (N, dim) that are not joined in `except`.
EdgeSet radius_edges(std::string name, const at::Tensor& position, double radius, const EdgeSet& except);
/// A copy (tensors shared) with the edge set of that name replaced or added.
Graph with_edges(const Graph& graph, EdgeSet edges);

/// To a device and, for floating tensors, a type.
Graph to(const Graph& graph, const at::TensorOptions& where);
/// Disjoint union, node order kept. \pre the same edge sets and dimension
Graph batch(std::span<const Graph> graphs);

}  // namespace cotan
