#pragma once
#include <ATen/core/Tensor.h>

#include <span>
#include <string>
#include <vector>

#include "mesh/halo.h"
#include "mesh/mesh.h"
#include "mesh/partition.h"
#include "mesh/periodic.h"
#include "mesh/roles.h"
#include "mesh/segment.h"

namespace cotan {

/// Directed edges of one kind, sorted by receiver (CSR): mesh edges, world edges, periodic wraps, pooling links.
struct EdgeSet {
  std::string name;     ///< "mesh", "world", …
  Segments links;       ///< segment = receiver, index = sender
  at::Tensor receiver;  ///< (E) int64
  at::Tensor offset;    ///< (E, dim) receiver minus sender [m]; through the wrap where periodic, so not a difference
                        ///< of positions in general. Undefined for sets whose offset follows the state.
  at::Tensor shift;     ///< (E, dim) what the wrap adds to position[r] - position[s] [m]; undefined where none wraps
  at::Tensor weight;    ///< (E) of the sender in a linear operator of the mesh (`weighted_differences`); else undefined
  at::Tensor measure;   ///< (N) what that operator divides by: length, area or volume of a receiver's dual cell
                        ///< [m^cell_dim], of glued points the whole; else undefined
  HaloExchange guests;  ///< its to_ghosts gives the table that senders are rows of: this rank's, then senders of other
                        ///< ranks that have no row here. The identity but for sets of `radius_edges` on several ranks.
  std::int64_t size() const { return receiver.size(0); }
  const at::Tensor& sender() const { return links.index; }
};

/// A mesh as operators and networks see it. Points stand in the order owned interior, owned boundary, ghosts.
/// Built once per mesh, then only read; world edges are replaced by `with_edges`.
/// A point has all its in-edges or none: owned points have all, and so do ghosts whose neighbours are all here. Each
/// directed edge of the whole mesh is owned by one rank, the owner of its receiver.
struct Graph {
  at::Tensor position;             ///< (N, dim) rest position [m]
  at::Tensor role;                 ///< (N) int64 Role
  at::Tensor volume;               ///< (N) dual volume [m^cell_dim] (barycentric); owned ones sum to the domain's over
                                   ///< ranks. Of a glued point: the part on its own side.
  at::Tensor cells;                ///< (K, corners) int64 of a one-type mesh, else undefined; those whose corners are
                                   ///< all here
  Segments cell_points;            ///< cells as segments: segment = cell, index = point; undefined where cells are
  std::int64_t cell_dim = 0;       ///< topological dimension of the mesh's cells
  std::vector<EdgeSet> edge_sets;  ///< "mesh" first
  at::Tensor graph_of_node;        ///< (N) int64 which graph of a batch
  std::int64_t num_graphs = 1;
  std::int64_t num_owned = 0;  ///< rows [0, num_owned) are this rank's; in a batch see `owned`
  at::Tensor owned;            ///< (N) bool
  at::Tensor global;           ///< (N) int64: number in the whole mesh (within its own graph)
  std::int64_t num_nodes() const { return position.size(0); }
  std::int64_t dim() const { return position.size(1); }
  const EdgeSet& edges(const std::string& name = "mesh") const;  ///< \throw Error listing the sets there are
};

/// Edge (a, b), both directions, from cell edges of corners; ghosts as `part` says. Double precision. In-edges of a
/// point stand in the order of their senders' global numbers, so that sums are the same bits on any number of ranks.
/// \param part of `graph_links(mesh, periodic)`, at least one ring
/// \param roles (mesh points) or empty: all interior
/// \param periodic edges across glued sides are added to the set "mesh" with their shift: each point of `from`
///        gets the neighbours of its partner in `to` and the reverse, so both have those of an interior point
/// \throw InputError for second-order cells (see `linearised`), and where glued sides do not match within 1e-6 of the
///        bounding box
Graph make_graph(const Mesh& mesh, const Part& part, std::span<const Role> roles = {},
                 std::span<const PeriodicPair> periodic = {});
Graph make_graph(const Mesh& mesh, std::span<const Role> roles = {}, std::span<const PeriodicPair> periodic = {});

/// An edge set from directed pairs in any order (sorted here by receiver, then sender).
EdgeSet make_edges(std::string name, const at::Tensor& sender, const at::Tensor& receiver, std::int64_t num_nodes,
                   const at::Tensor& offset = {}, const at::Tensor& shift = {});
/// A copy (tensors shared) with the edge set of that name replaced or added.
Graph with_edges(const Graph& graph, EdgeSet edges);

/// To a device and, for floating tensors, a type.
Graph to(const Graph& graph, const at::TensorOptions& where);
/// Disjoint union, node order kept. \pre the same edge sets and dimension, none with guests
Graph batch(std::span<const Graph> graphs);

}  // namespace cotan
