#include <algorithm>
#include <array>
#include <optional>

#include "core/check.h"
#include "io/foam_mesh.h"
#include "mesh/quality.h"
#include "mesh/vector3.h"

namespace cotan {
namespace {

/// Builds cells of ours from faces, one cell of the file after the other.
class CellBuilder {
 public:
  explicit CellBuilder(const PolyMesh& mesh) : mesh_(mesh), sides_(std::size_t(mesh.faces.size()), Facet{-1, -1}) {
    out_.file_points = mesh.num_points();
    out_.file_cells = mesh.num_cells;
    out_.data.dim = 3;
    out_.data.points = mesh.points;
    for (Index p = 0; p < mesh.num_points(); ++p) out_.points.push_row(std::array{p});
  }

  FoamMesh build() {
    for (Index c = 0; c < mesh_.num_cells; ++c) {
      if (!add_shape(c)) split(c);
    }
    if (split_ > 0) {
      check_pieces();
      out_.notes.push_back(std::to_string(split_) + " polyhedra split about their middles into " +
                           std::to_string(pieces_) + " tetrahedra and pyramids");
    }
    add_foam_sets(
        mesh_, [&](Index face) { return sides_of(face); }, out_);
    return std::move(out_);
  }

 private:
  // A face's points, right-handed outward of the cell.
  std::vector<Index> outward(Index face, Index cell) const {
    const auto points = mesh_.faces[face];
    std::vector<Index> out(points.begin(), points.end());
    if (mesh_.owner[std::size_t(face)] != cell) std::reverse(out.begin() + 1, out.end());
    return out;
  }

  static std::optional<CellType> type_of(std::span<const Index> faces, const PolyMesh& mesh) {
    std::size_t triangles = 0, quads = 0;
    for (const Index f : faces) {
      triangles += mesh.faces[f].size() == 3;
      quads += mesh.faces[f].size() == 4;
    }
    if (triangles + quads != faces.size()) return std::nullopt;
    if (triangles == 4 && quads == 0) return CellType::tetra;
    if (triangles == 4 && quads == 1) return CellType::pyramid;
    if (triangles == 2 && quads == 3) return CellType::wedge;
    if (triangles == 0 && quads == 6) return CellType::hexa;
    return std::nullopt;
  }

  // The corner above `corner` of the base: its neighbour in another face that is none of the base's; -1 for none.
  Index above(Index corner, const std::vector<Index>& base, std::span<const Index> faces, Index base_face) const {
    const auto in_base = [&](Index p) { return std::find(base.begin(), base.end(), p) != base.end(); };
    for (const Index f : faces) {
      const auto points = mesh_.faces[f];
      if (f == base_face) continue;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const std::size_t n = points.size();
        if (points[i] != corner) continue;
        for (const Index p : {points[(i + 1) % n], points[(i + n - 1) % n]}) {
          if (!in_base(p)) return p;
        }
      }
    }
    return -1;
  }

  // Adds a cell that is a shape of ours; false where it is none.
  bool add_shape(Index c) {
    const auto faces = mesh_.cells[c];
    const auto type = type_of(faces, mesh_);
    if (!type) return false;
    const std::size_t corners = *type == CellType::pyramid || *type == CellType::hexa ? 4 : 3;
    const Index base_face =
        *std::find_if(faces.begin(), faces.end(), [&](Index f) { return mesh_.faces[f].size() == corners; });
    std::vector<Index> nodes = outward(base_face, c);
    std::reverse(nodes.begin(), nodes.end());
    const std::vector<Index> base = nodes;
    const std::size_t tops = std::size_t(shape(*type).num_corners) - corners;
    for (std::size_t i = 0; i < tops; ++i) {
      const Index top = above(base[i], base, faces, base_face);
      if (top < 0 || std::find(nodes.begin(), nodes.end(), top) != nodes.end()) return false;
      nodes.push_back(top);
    }
    std::vector<int> local;
    for (const Index f : faces) {
      local.push_back(facet_of(*type, nodes, outward(f, c)));
      if (local.back() < 0 || std::count(local.begin(), local.end(), local.back()) > 1) return false;
    }
    const Index cell = add_cell(*type, nodes, c);
    for (std::size_t i = 0; i < faces.size(); ++i) set_side(faces[i], c, {cell, local[i]});
    return true;
  }

  // The facet of a cell with these corners in this order, from wherever it begins; -1 for none.
  static int facet_of(CellType type, const std::vector<Index>& nodes, const std::vector<Index>& corners) {
    const auto facets = shape(type).facets;
    for (std::size_t f = 0; f < facets.size(); ++f) {
      const auto n = std::size_t(facets[f].num_corners);
      if (n != corners.size()) continue;
      const auto at = [&](std::size_t k) { return nodes[std::size_t(facets[f].corners[k % n])]; };
      std::size_t from = 0;
      while (from < n && at(from) != corners[0]) ++from;
      std::size_t k = 0;
      while (from < n && k < n && at(from + k) == corners[k]) ++k;
      if (k == n) return int(f);
    }
    return -1;
  }

  // Every edge of a closed cell is run through once each way.
  void check_closed(Index c) const {
    std::vector<std::array<Index, 2>> edges;
    for (const Index f : mesh_.cells[c]) {
      const auto points = outward(f, c);
      for (std::size_t i = 0; i < points.size(); ++i) edges.push_back({points[i], points[(i + 1) % points.size()]});
    }
    std::sort(edges.begin(), edges.end());
    const bool twice = std::adjacent_find(edges.begin(), edges.end()) != edges.end();
    const bool closed = std::all_of(edges.begin(), edges.end(), [&](const auto& edge) {
      return std::binary_search(edges.begin(), edges.end(), std::array{edge[1], edge[0]});
    });
    COTAN_REQUIRE(edges.size() >= 12 && closed && !twice,
                  "the " << mesh_.cells[c].size() << " faces of cell " << c
                         << " do not close it, or do not point from their owner to their neighbour");
  }

  // Pieces about the mean of the cell's points.
  void split(Index c) {
    check_closed(c);
    std::vector<Index> corners;
    for (const Index f : mesh_.cells[c]) {
      const auto points = mesh_.faces[f];
      corners.insert(corners.end(), points.begin(), points.end());
    }
    std::sort(corners.begin(), corners.end());
    corners.erase(std::unique(corners.begin(), corners.end()), corners.end());
    Vec3 sum{};
    for (const Index p : corners) sum = sum + point3(mesh_.points, 3, p);
    const Vec3 middle = (1.0 / double(corners.size())) * sum;
    const auto apex = Index(out_.points.size());
    out_.points.push_row(corners);
    out_.data.points.insert(out_.data.points.end(), middle.begin(), middle.end());
    ++split_;
    for (const Index f : mesh_.cells[c]) add_pieces(f, c, apex);
  }

  void add_pieces(Index face, Index c, Index apex) {
    std::vector<Index> base = outward(face, c);  // from the face's first point on, from both sides
    std::vector<std::vector<Index>> parts;
    if (base.size() <= 4) parts.push_back(base);
    for (std::size_t i = 1; base.size() > 4 && i + 1 < base.size(); ++i)
      parts.push_back({base[0], base[i], base[i + 1]});
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool is_quad = parts[i].size() == 4;
      std::reverse(parts[i].begin(), parts[i].end());
      parts[i].push_back(apex);
      const Index cell = add_cell(is_quad ? CellType::pyramid : CellType::tetra, parts[i], c);
      const std::vector<Index> outside(parts[i].rbegin() + 1, parts[i].rend());
      if (i == 0) set_side(face, c, {cell, facet_of(is_quad ? CellType::pyramid : CellType::tetra, parts[i], outside)});
      ++pieces_;
    }
    if (!split_cells_.empty() && split_cells_.back() == c) return;
    split_cells_.push_back(c);
  }

  Index add_cell(CellType type, const std::vector<Index>& nodes, Index from) {
    out_.data.types.push_back(type);
    out_.data.cells.push_row(nodes);
    out_.cells.push_back(from);
    return Index(out_.cells.size()) - 1;
  }

  void set_side(Index face, Index c, Facet facet) {
    if (mesh_.owner[std::size_t(face)] == c) sides_[std::size_t(face)] = facet;
  }

  // Pieces over one face stand one after the other.
  std::vector<Facet> sides_of(Index face) const {
    std::vector<Facet> out = {sides_[std::size_t(face)]};
    const auto corners = Index(mesh_.faces[face].size());
    for (Index i = 1; corners > 4 && i < corners - 2; ++i) out.push_back({out[0].cell + i, out[0].local});
    return out;
  }

  void check_pieces() const {
    const std::vector<double> volumes = cell_volumes(out_.data);
    for (std::size_t i = 0; i < volumes.size(); ++i) {
      if (volumes[i] > 0 || !std::binary_search(split_cells_.begin(), split_cells_.end(), out_.cells[i])) continue;
      throw InputError("cell " + std::to_string(out_.cells[i]) + " is a polyhedron of " +
                       std::to_string(mesh_.cells[out_.cells[i]].size()) +
                       " faces, and cannot be split: its middle does not see all of them");
    }
  }

  const PolyMesh& mesh_;
  FoamMesh out_;
  std::vector<Facet> sides_;  // of each face, in its owner
  std::vector<Index> split_cells_;
  std::size_t split_ = 0, pieces_ = 0;
};

}  // namespace

FoamMesh cells_of(const PolyMesh& mesh) {
  FoamMesh out = CellBuilder(mesh).build();
  mend_foam_mesh(out);
  return out;
}

}  // namespace cotan
