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
/// The same over facets; shape functions are those of the facet's corners. \pre linear cells
void for_each_facet(const Mesh& mesh, std::span<const Facet> facets, int degree, const Integrand& f);

}  // namespace cotan
