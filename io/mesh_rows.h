#pragma once
#include <vector>

#include "core/tensor_file.h"
#include "core/types.h"
#include "io/vtk_grid.h"

namespace cotan {

/// A mended mesh, and which rows of its file its points and cells are.
struct MeshRows {
  MeshData data;
  std::vector<Index> points, cells;              ///< (mesh points), (mesh cells)
  std::int64_t file_points = 0, file_cells = 0;  ///< rows of the file
  bool all_points = true, all_cells = true;      ///< the file's rows are the mesh's
};

/// Drops unused points and turns cells of negative volume over. \param num_cells of the file
MeshRows mended_rows(GridMesh grid, std::size_t num_cells);

/// Frames of a field as the file has them, (frames, file's rows, components), in the rows of the mesh.
HostTensor in_mesh_rows(HostTensor frames, const MeshRows& mesh, On on);

/// Shape and bytes for frames [k0, k1) of a field: (k1 - k0, rows, components), zeros.
HostTensor empty_frames(DType dtype, std::size_t frames, std::int64_t rows, std::int64_t components);

}  // namespace cotan
