#pragma once
#include <map>
#include <string>
#include <vector>

#include "mesh/adjacency.h"
#include "mesh/cell.h"

namespace cotan {

/// One side of one cell: where Neumann data live.
struct Facet {
  Index cell;
  int local;  ///< index into shape(type(cell)).facets
  auto operator<=>(const Facet&) const = default;
};

/// What a mesh is made from. Sets are named; a set that a file gives only a number is named "physical_N".
struct MeshData {
  int dim = 2;                                           ///< geometric: 1, 2 or 3
  std::vector<double> points;                            ///< (num_points, dim), row-major [m]
  std::vector<CellType> types;                           ///< (num_cells); one topological dimension for all
  Adjacency cells;                                       ///< cell -> points, VTK order
  std::map<std::string, std::vector<Index>> point_sets;  ///< name -> points, sorted, unique
  std::map<std::string, std::vector<Facet>> facet_sets;  ///< name -> sides, sorted, unique
  std::map<std::string, std::vector<Index>> cell_sets;   ///< name -> cells ("cell tags"), sorted, unique
  std::map<std::string, int> numbers;                    ///< name -> the file's number of a set, where it has one
};

/// How strictly a mesh is checked beyond its arrays' lengths and indices.
struct MeshChecks {
  bool geometry = true;  ///< refuse degenerate and inverted cells (after what `repair_orientation` mends)
};

/// An unstructured mesh: valid once built, never changed after, cheap to move. It may be a surface or a
/// curve in space (cell_dim() < dim()). Every point is used by a cell, no cell stands twice, coordinates are
/// finite, cells of full dimension are positively oriented.
class Mesh {
 public:
  /// \throw InputError naming the first bad point, cell or set, what was found and expected
  explicit Mesh(MeshData data, MeshChecks checks = {});

  int dim() const { return d_.dim; }
  int cell_dim() const { return cell_dim_; }  ///< topological dimension of the cells
  Index num_points() const { return num_points_; }
  Index num_cells() const { return d_.cells.size(); }
  std::span<const double> points() const { return d_.points; }  ///< (num_points, dim), row-major [m]
  std::span<const double> point(Index i) const { return std::span(d_.points).subspan(std::size_t(i) * d_.dim, d_.dim); }
  const Adjacency& cells() const { return d_.cells; }
  std::span<const Index> cell(Index c) const { return d_.cells[c]; }
  std::span<const Index> corners(Index c) const { return cell(c).first(shape(type(c)).num_corners); }
  CellType type(Index c) const { return d_.types[c]; }
  std::span<const CellType> types() const { return d_.types; }
  const MeshData& data() const { return d_; }  ///< the sets and numbers, and what a writer needs

  /// Points of a set by name: all nodes of the facet set; else the point set; else all nodes of the cell set.
  /// A number, "5" or "physical_5", finds the set with that number. \throw InputError listing the names there are
  std::vector<Index> points_of(const std::string& name) const;
  /// Facets of a set by name or number. \throw InputError listing the facet sets there are
  std::vector<Facet> facets_of(const std::string& name) const;
  /// Every set's name, sorted.
  std::vector<std::string> set_names() const;
  /// The same mesh with other coordinates. \pre points.size() == dim() * num_points()
  Mesh with_points(std::vector<double> points, MeshChecks checks = {}) const;

 private:
  MeshData d_;
  int cell_dim_ = 0;
  Index num_points_ = 0;
};

/// Turns cells of negative volume over (in place; Gmsh and others write such meshes), so that Mesh accepts them;
/// facet sets follow. Returns how many were turned. \throw InputError as Mesh does, for lengths and numbers
Index repair_orientation(MeshData& data);
/// Drops points that no cell uses (Gmsh's geometry points, second-order leftovers), renumbering all sets; a point
/// set with nothing left goes too. Returns, for each kept point, its old number. \throw InputError as above
std::vector<Index> drop_unused_points(MeshData& data);

/// Points that share a cell edge (corners only): symmetric, no self links, rows sorted.
Adjacency point_neighbours(const Mesh& mesh);
/// Point -> cells that have it as a node; rows sorted.
Adjacency cells_of_points(const Mesh& mesh);
/// Cell -> cells behind its facets, aligned with the facets; -1 where there is none. Where more than two sheets of a
/// surface meet, the next one in turn.
Adjacency cell_neighbours(const Mesh& mesh);
/// Sides that belong to one cell only, sorted by cell.
std::vector<Facet> boundary_facets(const Mesh& mesh);
/// Corner points of a facet, in FacetShape order.
std::vector<Index> facet_corners(const Mesh& mesh, Facet facet);
/// All nodes on a facet (corners, then second-order nodes).
std::vector<Index> facet_nodes(const Mesh& mesh, Facet facet);
/// The mesh of corners only: linear cells, second-order nodes dropped; facet and cell sets kept.
/// `kept` receives the old number of each point where it is not null.
Mesh linearised(const Mesh& mesh, std::vector<Index>* kept = nullptr);

}  // namespace cotan
