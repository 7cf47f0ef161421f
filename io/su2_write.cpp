#include "core/check.h"
#include "core/files.h"
#include "io/sink.h"
#include "io/su2.h"

namespace cotan {
namespace {

void write_row(Sink& sink, CellType linear, std::span<const Index> nodes) {
  sink.number(shape(linear).vtk);
  for (const Index node : nodes) sink.number(node);
}

void write_markers(Sink& sink, const Mesh& mesh, const std::string& file) {
  const auto& sets = mesh.data().facet_sets;
  sink.line("NMARK= " + std::to_string(sets.size()));
  for (const auto& [name, facets] : sets) {
    COTAN_REQUIRE(!name.empty() && name.find_first_of("\n\r%=") == std::string::npos && name.front() != ' ' &&
                      name.back() != ' ' && name != "SEND_RECEIVE",
                  file << ": set '" << name << "': a name that SU2 cannot keep");
    sink.line("MARKER_TAG= " + name);
    sink.line("MARKER_ELEMS= " + std::to_string(facets.size()));
    for (const Facet& facet : facets) {
      write_row(sink, shape(mesh.type(facet.cell)).facets[std::size_t(facet.local)].linear, facet_corners(mesh, facet));
      sink.end_row();
    }
  }
}

}  // namespace

void write_su2(const std::filesystem::path& path, const Snapshot& snapshot) {
  const Mesh& mesh = snapshot.mesh;
  COTAN_REQUIRE(mesh.dim() >= 2 && mesh.cell_dim() == mesh.dim(),
                path.string() << ": cells of dimension " << mesh.cell_dim() << " in a space of " << mesh.dim()
                              << "; SU2 keeps meshes that fill the plane or space");
  StagedFile staged(path);
  Sink sink(staged.path(), false);
  sink.line("NDIME= " + std::to_string(mesh.dim()));
  sink.line("NELEM= " + std::to_string(mesh.num_cells()));
  for (Index c = 0; c < mesh.num_cells(); ++c) {
    write_row(sink, shape(mesh.type(c)).linear, mesh.corners(c));
    sink.number(c);
    sink.end_row();
  }
  sink.line("NPOIN= " + std::to_string(mesh.num_points()));
  for (Index i = 0; i < mesh.num_points(); ++i) {
    for (const double x : mesh.point(i)) sink.number(x);
    sink.number(i);
    sink.end_row();
  }
  write_markers(sink, mesh, path.string());
  COTAN_REQUIRE(sink.finish(), path.string() << ": cannot be written whole (is the disk full?)");
  staged.commit();
}

}  // namespace cotan
