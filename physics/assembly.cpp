#include "physics/assembly.h"

#include <array>
#include <optional>

#include "core/check.h"
#include "mesh/vector3.h"

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

// Outward unit normal of a facet where its shape functions are `shapes`: across its tangents, whose order is that of
// the corners, thus outward; \pre coordinates (nodes, dim)
void append_normal(const Shapes& shapes, std::span<const double> coordinates, int dim, std::vector<double>& out) {
  std::array<Vec3, 2> tangents{};
  for (std::size_t a = 0; a < shapes.values.size(); ++a) {
    for (int j = 0; j < dim - 1; ++j) {
      tangents[j] = tangents[j] + shapes.gradients[a * (dim - 1) + j] * point3(coordinates, dim, Index(a));
    }
  }
  const Vec3 normal = dim == 2 ? Vec3{tangents[0][1], -tangents[0][0], 0} : cross(tangents[0], tangents[1]);
  const double length = norm(normal);
  for (int k = 0; k < dim; ++k) out.push_back(normal[k] / length);
}

// Reference coordinates of all nodes of a facet's type: the mean of the corners that carry a node.
std::vector<std::vector<double>> reference_nodes(CellType type) {
  constexpr std::array<std::array<double, 2>, 4> kSquare = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  constexpr std::array<std::array<double, 2>, 3> kTriangle = {{{0, 0}, {1, 0}, {0, 1}}};
  const CellShape& s = shape(type);
  std::vector<std::vector<double>> nodes;
  for (int i = 0; i < s.num_nodes; ++i) {
    std::vector<double> sum(s.dim, 0.0);
    int count = 0;
    for (int corner = 0; corner < s.num_corners; ++corner) {
      if (!(s.supports[i] >> corner & 1)) continue;
      const auto& x = s.linear == CellType::triangle ? kTriangle[corner] : kSquare[corner];
      for (int k = 0; k < s.dim; ++k) sum[k] += x[k];
      ++count;
    }
    for (double& x : sum) x /= count;
    nodes.push_back(std::move(sum));
  }
  return nodes;
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
    const auto nodes = facet_nodes(mesh, facet);
    gather_coordinates(mesh, nodes, coordinates);
    map_cell(tables[facet_type(mesh.type(facet.cell), facet.local)], coordinates, mesh.dim(), values);
    f(nodes, values);
  }
}

void for_each_facet(const Mesh& mesh, std::span<const Facet> facets, int degree, const NormalIntegrand& f) {
  COTAN_ASSERT(mesh.cell_dim() == mesh.dim() && mesh.dim() > 1);
  Tables tables(degree);
  std::vector<double> coordinates, normals;
  CellValues values;
  for (const Facet facet : facets) {
    const auto nodes = facet_nodes(mesh, facet);
    const ShapeTable& table = tables[facet_type(mesh.type(facet.cell), facet.local)];
    gather_coordinates(mesh, nodes, coordinates);
    map_cell(table, coordinates, mesh.dim(), values);
    normals.clear();
    for (const Shapes& shapes : table.at) append_normal(shapes, coordinates, mesh.dim(), normals);
    f(nodes, values, normals);
  }
}

std::vector<double> facet_node_normals(const Mesh& mesh, Facet facet) {
  COTAN_ASSERT(mesh.cell_dim() == mesh.dim() && mesh.dim() > 1);
  const CellType type = facet_type(mesh.type(facet.cell), facet.local);
  std::vector<double> coordinates, normals;
  gather_coordinates(mesh, facet_nodes(mesh, facet), coordinates);
  for (const auto& xi : reference_nodes(type)) append_normal(make_shapes(type, xi), coordinates, mesh.dim(), normals);
  return normals;
}

}  // namespace cotan
