#pragma once
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "mesh/mesh.h"
#include "physics/element.h"

namespace cotan {

/// What a form is assembled from: the nodes of a cell or facet, and their shape functions at its quadrature points.
/// Both are overwritten by the next one.
using Integrand = std::function<void(std::span<const Index> nodes, const CellValues& values)>;

/// \throw InputError naming the first cell that has second-order nodes
void require_linear_cells(const Mesh& mesh, std::string_view problem);
/// Calls `f` for every cell in order, with a rule of the given degree.
void for_each_cell(const Mesh& mesh, int degree, const Integrand& f);
/// The same over facets: all their nodes (corners, then second-order nodes), the shape functions of their own type.
void for_each_facet(const Mesh& mesh, std::span<const Facet> facets, int degree, const Integrand& f);

/// With the unit normals out of the cell at the quadrature points, (points, dim).
using NormalIntegrand =
    std::function<void(std::span<const Index> nodes, const CellValues& values, std::span<const double> normals)>;
/// \pre mesh.cell_dim() == mesh.dim(), 2 or 3
void for_each_facet(const Mesh& mesh, std::span<const Facet> facets, int degree, const NormalIntegrand& f);

/// Unit normals at the nodes of a facet, out of its cell, in facet_nodes' order: (nodes, dim). \pre as above
std::vector<double> facet_node_normals(const Mesh& mesh, Facet facet);

}  // namespace cotan
