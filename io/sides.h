#pragma once
#include <span>
#include <string>
#include <vector>

#include "mesh/mesh.h"

namespace cotan {

/// For each lower element its side of a cell, by corners: the lowest-numbered cell with that side; cell = -1 where it
/// is none. \param side_links nodes of one side after the other \pre links are numbers of points below `num_points`
std::vector<Facet> match_sides(const std::vector<CellType>& types, const Adjacency& cells,
                               std::span<const CellType> side_types, std::span<const Index> side_links,
                               Index num_points);

/// Elements that a file names, by their nodes.
struct NamedSides {
  std::string name;
  std::vector<CellType> types = {};
  std::vector<Index> links = {};  ///< nodes of one after the other
};
/// Makes facet sets of them. \pre nodes of cells and sides are numbers of the mesh's points
/// \throw InputError, its text to go behind the file's name: one that is no side of a cell
void add_facet_sets(MeshData& data, std::span<const NamedSides> sides);

}  // namespace cotan
