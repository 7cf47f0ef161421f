#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm.h"
#include "mesh/field.h"

namespace cotan {

/// VTU by VTK: appended raw. Sets are written as cell and point arrays: point sets as "set:<name>" (uint8), cell
/// sets likewise on cells, facet sets as a field-data table "facets:<name>" of (cell, side) pairs; read back by us.
/// Lagrange cells of degree 1 and 2 (VTK types 68 to 74) are read as the plain ones. Cells of lower dimension beside
/// higher ones are taken as sides of them. A 2-D mesh is written with z = 0 and read as 2-D where all z are equal.
/// Read meshes are mended as by mend_and_build, with its `notes`.
/// \throw InputError naming the file, the array, found and expected; reading runs VTK behind our own checks of the file
Snapshot read_vtu(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// VTP by VTK, likewise: surfaces of triangles and quadrilaterals, and lines. Poly-lines become lines. Strips and
/// polygons of more corners are refused.
Snapshot read_vtp(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// The pieces that a PVTU file names, put together as by join_grids (io/grid_pieces.h), which `notes` say.
Snapshot read_pvtu(const std::filesystem::path& path, std::vector<std::string>* notes = nullptr);
/// Several .vtu, .vtp and .pvtu files put together in the same way. \pre there is one
Snapshot read_vtk_parts(std::span<const std::filesystem::path> files, std::vector<std::string>* notes = nullptr);
void write_vtu(const std::filesystem::path& path, const Snapshot& snapshot);

/// A time series for ParaView: one .vtu a time (and rank: then .pvtu), and one .pvd that lists them. Whole after every
/// call, and after a kill: the list names written frames only. A write costs the same however many went before.
class VtkSeries {
 public:
  /// \param stem "out/rollout": writes out/rollout.pvd and out/rollout/0000.vtu, …
  VtkSeries(std::filesystem::path stem, Mesh mesh, Comm comm = {});
  ~VtkSeries();
  VtkSeries(VtkSeries&&) noexcept;
  /// Collective. \throw InputError, on all ranks, where one of them cannot write (disk full, …): the series then is as
  /// before the call
  void write(double t, std::span<const HostField> fields);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An entry of a .pvd collection.
struct PvdEntry {
  double time;
  int part;
  std::filesystem::path file;
};
/// \throw InputError naming file and line
std::vector<PvdEntry> read_pvd(const std::filesystem::path& path);

}  // namespace cotan
