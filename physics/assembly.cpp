#include "physics/assembly.h"

#include <array>
#include <optional>

#include "core/check.h"

namespace cotan {
namespace {

// Tables by cell type, each made when it is first asked for.
class Tables {
 public:
  explicit Tables(int degree) : degree_(degree) {}
  const ShapeTable& operator[](CellType type) {
    auto& table = tables_[static_cast<std::size_t>(type)];
    if (!table) table = tabulate(type, degree_);
    return *table;
  }

 private:
  int degree_;
  std::array<std::optional<ShapeTable>, kNumCellTypes> tables_;
};

void gather_coordinates(const Mesh& mesh, std::span<const Index> nodes, std::vector<double>& out) {
  out.clear();
  for (const Index p : nodes) out.insert(out.end(), mesh.point(p).begin(), mesh.point(p).end());
}

}  // namespace

void require_linear_cells(const Mesh& mesh, std::string_view problem) {
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    const CellShape& found = shape(mesh.type(c));
    COTAN_REQUIRE(found.order == 1, problem << ": cell " << c << " is a " << found.name << "; expected linear cells ("
                                            << found.name << " has second-order nodes: mesh with order 1)");
  }
}

void for_each_cell(const Mesh& mesh, int degree, const Integrand& f) {
  Tables tables(degree);
  std::vector<double> coordinates;
  CellValues values;
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    gather_coordinates(mesh, mesh.cell(c), coordinates);
    map_cell(tables[mesh.type(c)], coordinates, mesh.dim(), values);
    f(mesh.cell(c), values);
  }
}

void for_each_facet(const Mesh& mesh, std::span<const Facet> facets, int degree, const Integrand& f) {
  Tables tables(degree);
  std::vector<double> coordinates;
  CellValues values;
  for (const Facet facet : facets) {
    const auto corners = facet_corners(mesh, facet);
    gather_coordinates(mesh, corners, coordinates);
    map_cell(tables[shape(mesh.type(facet.cell)).facets[facet.local].linear], coordinates, mesh.dim(), values);
    f(corners, values);
  }
}

}  // namespace cotan
